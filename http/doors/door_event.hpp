// What every door does with an event once it has read it: the bytes it keeps,
// its key, and the rules of the workspace.
#pragma once

#include "http/doors/event_parts.hpp"
#include "http/idempotency_key.hpp"
#include "http/visit.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::http {

/// How far back an event may have happened, and how far ahead its client's
/// clock may be.
inline constexpr auto occurred_before_max = std::chrono::days{400};
inline constexpr auto occurred_ahead_max = std::chrono::hours{1};

/// The event's id of its client: the same one again is not heard twice,
/// whatever it says (B67). @pre its name and identities are set
void set_message_id(const api_context& with, messages::ingest& command,
                    std::string_view id, key_scope scope);

/// The same for as long as events are kept, and of its name and person alone
/// (R25). @pre its name and identities are set
void set_unique_id(const api_context& with, messages::ingest& command,
                   std::string_view id, key_scope scope);

/// @returns `timestamp_out_of_range`
engine::status check_occurred(engine::timestamp at,
                              engine::timestamp received_at,
                              std::string pointer);

/// Where the doors of a workspace share their keys, gives the event such a one:
/// with another event name or person it is a conflict, and it is kept as long
/// as events (X12). @pre its name and identities are set
/// @returns whether they do
bool share_key(const api_context& with, messages::ingest& command,
               std::string_view key);

/// A key of the `Idempotency-Key` kind: with another body it is a conflict.
/// @pre its name and identities are set
void set_key(const api_context& with, messages::ingest& command,
             std::string_view key, key_scope scope, std::uint64_t fingerprint);

/// Without an id of its own, the same value is the same event: a retry carries
/// the same bytes. @pre its name and identities are set
void set_fingerprint(const api_context& with, messages::ingest& command,
                     const boost::json::value& value, key_scope scope);

/// Holds an event to what its workspace demands, and notes who sent it.
/// @param name_pointer to its name, and `pointer` to its properties
engine::status hold_to_rules(const api_context& with, const visit& now,
                             messages::ingest& command,
                             std::string_view name_pointer,
                             const std::string& pointer);

/// The same failure where clients give up at 409: 503.
engine::error to_be_tried_again(engine::error why);

/// Takes the events of one request. Those that share an identity are applied
/// in their order, the others side by side.
/// @param complete is given one answer to each, in the order of the events
void take_events(
  std::vector<messages::ingest_parcel> events,
  std::function<void(std::vector<messages::ingest_answer>)> complete);

} // namespace troupe::http
