// `/api/v1/…`: which product a request is for says the way it shows its key
// (design.md 10).
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> api_v1_routes();

} // namespace troupe::http
