// Loops' API as its library uses it: events, and contacts by address or id.
#pragma once

#include "http/dialect.hpp"
#include "http/visit.hpp"

#include <vector>

namespace troupe::http::loops {

inline constexpr std::size_t body_bytes_max = 64 * 1024;

const dialect& spoken();

/// `POST /api/v1/events/send`; Sendmator has the same path.
void send_event(const api_context& with, visit now);

std::vector<api_route> contact_routes();

} // namespace troupe::http::loops
