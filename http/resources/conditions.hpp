// Conditions tried out without an event.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> condition_routes();

} // namespace troupe::http
