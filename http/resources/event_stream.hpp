// `GET /v1/events/stream`: events as they become durable, as Server-Sent
// Events.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> event_stream_routes();

} // namespace troupe::http
