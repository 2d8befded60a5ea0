// `GET /v1/events/stream`: events as they become durable, as Server-Sent
// Events.
#pragma once

#include "http/visit.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::http {

std::vector<api_route> event_stream_routes();

/// Appends one message; every line of the data has its field (HTML 9.2.5).
void append_message(std::string& out, std::string_view id,
                    std::string_view data);

} // namespace troupe::http
