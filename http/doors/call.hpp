// One call of the dialects whose events are calls: track, identify, page,
// screen, group, alias. GrowthOS writes them in snake_case and is strict, the
// Segment family in camelCase and forgiving (clients.md).
#pragma once

#include "http/doors/door_event.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

/// What its members are called.
struct call_names {
  std::string_view user_id;
  std::string_view anonymous_id;
  std::string_view message_id;
  std::string_view group_id;
  std::string_view previous_id;
};

inline constexpr call_names snake_call_names{
  "user_id", "anonymous_id", "message_id", "group_id", "previous_id"};
inline constexpr call_names camel_call_names{
  "userId", "anonymousId", "messageId", "groupId", "previousId"};

struct call_rules {
  const call_names& names;
  /// What is no error to the libraries of the family: nulls, ids that are
  /// numbers, times without an offset, properties of any size.
  bool is_forgiving = false;
  engine::door from{};
  key_scope keys{};
};

/// What the request says of all of its calls.
struct call_setting {
  engine::timestamp received_at{};
  std::optional<engine::timestamp> sent_at; // by the client's clock
  std::string_view client;                  // address
  std::string_view user_agent;
  /// Of all calls of a batch; null: none.
  const boost::json::object* context = nullptr;
  bool is_history = false; // of long ago
  bool is_of_file = false; // and not as its client sent it
};

/// @param text the call: one JSON object
/// @param kind absent: its member `type` says it
/// @returns the command, without its workspace's rules; errors point into the
/// call
engine::result<messages::ingest_parcel>
read_call(const api_context& with, engine::workspace_id workspace,
          std::string_view text, std::optional<engine::event_kind> kind,
          const call_rules& rules, const call_setting& setting);

} // namespace troupe::http
