// `GET /v1/rejected-events`: events that were not taken while the request that
// brought them was.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> rejected_event_routes();

} // namespace troupe::http
