// Clocks of test workspaces, and what such a workspace would have sent.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> test_clock_routes();

} // namespace troupe::http
