// API keys of the workspace: made, listed, revoked.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> key_routes();

} // namespace troupe::http
