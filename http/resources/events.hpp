// `/v1/events`: the native door, and the events that came in by all doors.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> event_routes();

/// Passes on the events that this io thread has taken since the last call.
void pass_on_events(const api_context& with);

} // namespace troupe::http
