#include "http/doors/loose_event.hpp"

#include "engine/json_pointer.hpp"
#include "http/doors/call_time.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/loose_json.hpp"

#include <algorithm>

namespace troupe::http {

namespace json = boost::json;

using engine::identity_kind;
using engine::invalid;

namespace {

constexpr std::size_t name_bytes_max = 256;

} // namespace

event_setting setting_of(const api_context& with, const visit& now) {
  const auto workspace = now.who.workspace;
  return {workspace, with.now_in(workspace), false};
}

messages::ingest begin_event(const event_setting& as, engine::door from,
                             std::string_view text) {
  messages::ingest command;
  command.workspace = as.workspace;
  command.event.record.from = from;
  command.event.record.body = text;
  return command;
}

engine::result<std::string>
read_event_name(const json::object& from,
                std::initializer_list<std::string_view> members) {
  auto name = loose_text(from, members);
  if (!name || name->size() > name_bytes_max)
    return invalid("field_required",
                   "give the event's name, of at most 256 bytes",
                   engine::pointer_to({}, *members.begin()));
  return *std::move(name);
}

engine::status read_milliseconds(engine::event_record& record,
                                 const json::value& from,
                                 std::string_view member,
                                 const event_setting& as) {
  const auto at = read_instant(from, true);
  const auto pointer = engine::pointer_to({}, member);
  if (!at)
    return invalid(
      "field_invalid",
      "`" + std::string{member} + "` is in milliseconds since 1970", pointer);
  record.occurred_at = std::min(*at, as.received_at);
  return as.is_history
           ? engine::success()
           : check_occurred(*record.occurred_at, as.received_at, pointer);
}

void add_reachable(engine::incoming_event& event) {
  for (const auto kind : {identity_kind::email, identity_kind::phone})
    if (const auto text = loose_text(event.traits, {engine::name_of(kind)}))
      add_identity(event, kind, *text);
}

void set_identify(engine::incoming_event& event, json::object traits) {
  event.record.kind = engine::event_kind::identify;
  event.record.type = "$identify";
  event.traits = traits;
  add_reachable(event);
  set_properties(event, {{"traits", std::move(traits)}}, std::nullopt);
}

} // namespace troupe::http
