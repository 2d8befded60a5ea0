// `/v1/automations`: ready sequences that a workspace switches on.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> automation_routes();

} // namespace troupe::http
