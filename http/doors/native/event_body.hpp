// The native door: what a body of `POST /v1/events` must be (reference 000,
// behaviours G1–G46), and the command it becomes.
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "engine/strict_json.hpp"
#include "messages/commands.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::http::native {

inline constexpr std::size_t metadata_bytes_max = 4096;
inline constexpr std::size_t type_bytes_max = 256;

struct accepted_event {
  messages::ingest command;
  bool is_sdk_shape = false; // the reference's SDK names the members otherwise
};

/// @param body is taken over: a turn keeps the accepted bytes
/// @param key the idempotency key of the request, if it has one
engine::result<accepted_event> read_event(std::string body,
                                          std::optional<std::string_view> key,
                                          engine::workspace_id workspace,
                                          const engine::id_text& ids,
                                          engine::json_reader& reader);

} // namespace troupe::http::native
