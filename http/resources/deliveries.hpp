// What webhook endpoints and other destinations were told, and telling them
// again.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> delivery_routes();

} // namespace troupe::http
