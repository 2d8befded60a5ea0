// What a body of the Redo door says (reference 002, behaviours R1–R36), in
// camelCase or snake_case, and the command it becomes.
#pragma once

#include "engine/strict_json.hpp"
#include "http/doors/door_event.hpp"

#include <string_view>

namespace troupe::http::redo {

/// @param text one event: a JSON object
/// @returns the command without its workspace's rules; errors point into the
/// event
engine::result<messages::ingest> read_event(const api_context& with,
                                            engine::workspace_id workspace,
                                            std::string_view text,
                                            engine::timestamp received_at);

} // namespace troupe::http::redo
