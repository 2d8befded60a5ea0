// Workspaces: made by administrators, set up by their own keys.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> workspace_routes();

} // namespace troupe::http
