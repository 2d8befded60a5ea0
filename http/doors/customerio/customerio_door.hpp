// `/api/v1/customers/…`, `/api/v2/…`: Customer.io's Track API.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> customerio_routes();

} // namespace troupe::http
