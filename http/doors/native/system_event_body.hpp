// What a body of `POST /v1/system-events` must be (api.md, "Doors"; behaviours
// B30-B56, B76), and the command it becomes.
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "engine/strict_json.hpp"
#include "messages/commands.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::http::native {

/// @param body is taken over: a turn keeps the accepted bytes
/// @param key the idempotency key of the request; a `message_id` goes before it
engine::result<messages::ingest>
read_system_event(std::string body, std::optional<std::string_view> key,
                  engine::workspace_id workspace, const engine::id_text& ids,
                  engine::json_reader& reader);

} // namespace troupe::http::native
