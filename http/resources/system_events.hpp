// `/v1/system-events`: what modules and Troupe's own parts send, and the
// catalog of it.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> system_event_routes();

} // namespace troupe::http
