// The Sendmator door (reference 003, behaviours S1–S50): how it lets requests
// in and refuses them, and its routes.
#pragma once

#include "http/visit.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::http::sendmator {

inline constexpr std::size_t body_bytes_max = 256 * 1024;

const dialect& spoken();
/// For api_route::spoken.
const dialect* spoken_by(const request& head);

/// `POST /api/v1/events/send`, which another product has, too.
void send_event(const api_context& with, visit now);

/// The others of `/api/v1/events/…` and `/api/v1/event-types`.
std::vector<api_route> event_routes();
std::vector<api_route> trigger_routes();
/// A workflow is begun.
std::vector<api_route> workflow_routes();
/// Workflows are listed, shown, made, changed, deleted.
std::vector<api_route> definition_routes();
std::vector<api_route> contact_routes();

/// 404 with exactly this message.
engine::error not_found(std::string message);

} // namespace troupe::http::sendmator
