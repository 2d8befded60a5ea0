#include "http/doors/native/system_event_body.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "engine/system_events.hpp"
#include "http/doors/event_parts.hpp"
#include "http/doors/native/event_members.hpp"
#include "http/idempotency_key.hpp"

namespace troupe::http::native {

namespace json = boost::json;

namespace {

using engine::identity_kind;
using engine::invalid;
using engine::result;
using engine::status;

constexpr std::size_t property_bytes_max = 10 * 1024; // B28
constexpr member_names id_names{"event", "properties", "", "user_id",
                                "anonymous_id"};

status read_name(engine::incoming_event& event, const json::object& from) {
  const auto* name = from.if_contains("event");
  if (name == nullptr || (name->is_string() && name->get_string().empty()))
    return invalid("field_required",
                   "give the event's name, such as \"$survey_responded\"",
                   "/event");
  if (!name->is_string())
    return invalid("field_type_mismatch", "`event` is a text", "/event");
  event.record.type = name->get_string();
  if (!engine::is_reserved_name(event.record.type))
    return invalid("reserved_event_name",
                   "a system event's name begins with `$`; send others to "
                   "/v1/events",
                   "/event");
  return engine::success();
}

// `contact` as in the native door, or the ids that the reference's envelope
// has.
status read_who(messages::ingest& command, const json::object& from,
                const engine::id_text& ids) {
  for (const auto kind :
       {identity_kind::external_id, identity_kind::anonymous_id})
    if (auto added = add_identity(command.event, from, kind, id_names); !added)
      return added;
  const auto named = !command.event.identities.empty();
  if (from.contains("contact"))
    return named ? invalid("field_invalid",
                           "give `contact`, or `user_id` and `anonymous_id`",
                           "/contact")
                 : read_contact(command, from, ids);
  if (!named)
    return invalid("contact_required",
                   "identify the contact by `user_id`, `anonymous_id` or "
                   "`contact`",
                   "/user_id");
  return engine::success();
}

status read_properties(engine::incoming_event& event, json::object& from) {
  auto* given = from.if_contains("properties");
  if (given == nullptr)
    return engine::success();
  if (!given->is_object())
    return invalid("field_type_mismatch", "`properties` is an object",
                   "/properties");
  for (const auto& item : given->get_object())
    if (engine::to_json(item.value()).size() > property_bytes_max)
      return invalid("property_too_large",
                     "a property has at most 10 KiB; send a URL instead",
                     engine::pointer_to("/properties", item.key()));
  auto& record = event.record;
  const auto slice = engine::find_member(record.body, "properties");
  if (!slice)
    return invalid("body_invalid_json", "the properties could not be read",
                   "/properties");
  record.properties = place_in_body(record, *slice);
  event.properties = std::move(given->get_object());
  return engine::success();
}

status read_message_id(engine::incoming_event& event,
                       const json::object& from) {
  const auto* given = from.if_contains("message_id");
  if (given == nullptr || given->is_null())
    return engine::success();
  if (!given->is_string()
      || !is_idempotency_key(std::string_view{given->get_string()}))
    return invalid("field_invalid",
                   "`message_id` is a text of 1 to 200 characters",
                   "/message_id");
  event.record.message_id = given->get_string();
  return engine::success();
}

} // namespace

result<messages::ingest> read_system_event(std::string body,
                                           std::optional<std::string_view> key,
                                           engine::workspace_id workspace,
                                           const engine::id_text& ids,
                                           engine::json_reader& reader) {
  auto document = reader.read(body);
  if (!document)
    return document.failure();
  if (!document->is_object())
    return invalid("field_type_mismatch", "the body is a JSON object", "");
  auto& from = document->get_object();
  messages::ingest command;
  command.workspace = workspace;
  auto& event = command.event;
  event.record.from = engine::door::system;
  if (auto good = read_message_id(event, from); !good)
    return good.failure();
  // What is sent again under its id was heard the first time, whatever it
  // says now (B67).
  if (!event.record.message_id.empty())
    event.key = idempotency_of(event.record.message_id,
                               key_scope::system_events, workspace, 0);
  else if (key)
    event.key = idempotency_of(*key, key_scope::system_events, workspace,
                               engine::fingerprint(*document));
  event.record.body = std::move(body);
  if (auto good = read_name(event, from); !good)
    return good.failure();
  if (auto good = read_who(command, from, ids); !good)
    return good.failure();
  if (auto good = read_properties(event, from); !good)
    return good.failure();
  if (auto good = read_time(event, from, "timestamp"); !good)
    return good.failure();
  if (auto good = read_value(event, from); !good)
    return good.failure();
  if (auto good = engine::check_system_event(
        event.record.type, event.properties, "/event", "/properties");
      !good)
    return good.failure();
  if (const auto* traits
      = engine::traits_of(event.record.type, event.properties))
    event.traits = *traits;
  return command;
}

} // namespace troupe::http::native
