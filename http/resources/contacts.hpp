// `/v1/contacts`: who is known, in which runs, and what happened to them.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> contact_routes();

} // namespace troupe::http
