#include "http/doors/native/event_body.hpp"

#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "engine/system_events.hpp"
#include "http/doors/native/event_members.hpp"
#include "http/doors/native/metadata.hpp"
#include "http/idempotency_key.hpp"

namespace troupe::http::native {

namespace json = boost::json;

namespace {

using engine::identity_kind;
using engine::invalid;
using engine::result;
using engine::status;

constexpr member_names sdk_names{"name", "properties", "", "userId",
                                 "anonymousId"};

bool is_sdk_shape(const json::object& from) {
  return from.contains("name") && !from.contains("type")
         && !from.contains("contact");
}

result<std::string> read_type(const json::object& from,
                              const member_names& names) {
  const auto* type = from.if_contains(names.type);
  const auto pointer = pointer_to(names.type);
  if (type == nullptr || (type->is_string() && type->get_string().empty()))
    return invalid("field_required",
                   "give the event's name, such as \"order.completed\"",
                   pointer);
  if (!type->is_string() || type->get_string().size() > type_bytes_max)
    return invalid("field_type_mismatch",
                   "the event's name is a text of at most 256 bytes", pointer);
  return std::string{type->get_string()};
}

status read_sdk_contact(messages::ingest& command, const json::object& from) {
  for (const auto kind : {identity_kind::external_id, identity_kind::email,
                          identity_kind::phone, identity_kind::anonymous_id})
    if (auto added = add_identity(command.event, from, kind, sdk_names); !added)
      return added;
  if (command.event.identities.empty())
    return invalid("contact_required",
                   "identify the contact by userId or email", "/userId");
  return engine::success();
}

status read_metadata(messages::ingest& command, json::object& from,
                     const member_names& names) {
  auto* metadata = from.if_contains(names.metadata);
  if (metadata == nullptr)
    return engine::success();
  const auto pointer = pointer_to(names.metadata);
  if (auto good = check_metadata(*metadata, pointer); !good)
    return good;
  auto& record = command.event.record;
  const auto slice = engine::find_member(record.body, names.metadata);
  if (!slice)
    return invalid("body_invalid_json", "metadata could not be read", pointer);
  // Blanks between the members do not count.
  if (slice->size() > metadata_bytes_max
      && engine::to_json(*metadata).size() > metadata_bytes_max)
    return invalid("metadata_too_large",
                   "metadata has at most 4,096 bytes; send a URL instead",
                   pointer);
  record.properties
    = {static_cast<std::uint32_t>(slice->data() - record.body.data()),
       static_cast<std::uint32_t>(slice->size())};
  command.event.properties = std::move(metadata->get_object());
  return engine::success();
}

// `traits` become attributes, `occurredAt` is when it happened, `eventId` the
// idempotency key of a request without one.
status read_sdk_extras(messages::ingest& command, json::object& from) {
  if (auto* traits = from.if_contains("traits");
      traits != nullptr && !traits->is_null()) {
    if (!traits->is_object())
      return invalid("field_type_mismatch", "`traits` is an object", "/traits");
    command.event.traits = std::move(traits->get_object());
  }
  return read_time(command.event, from, "occurredAt");
}

// A name of the platform's, with all it has to say (B23); what `$identify`
// says becomes attributes.
status read_system_event(engine::incoming_event& event,
                         const member_names& names) {
  if (auto good = engine::check_system_event(
        event.record.type, event.properties, pointer_to(names.type),
        pointer_to(names.metadata));
      !good)
    return good;
  if (const auto* traits
      = engine::traits_of(event.record.type, event.properties))
    event.traits = *traits;
  return engine::success();
}

result<std::optional<std::string_view>> sdk_key(const json::object& from) {
  const auto* id = from.if_contains("eventId");
  if (id == nullptr || id->is_null())
    return std::optional<std::string_view>{};
  if (!id->is_string()
      || !is_idempotency_key(std::string_view{id->get_string()}))
    return invalid("field_invalid",
                   "`eventId` is a text of 1 to 200 characters", "/eventId");
  return std::optional<std::string_view>{id->get_string()};
}

} // namespace

result<accepted_event> read_event(std::string body,
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
  accepted_event out;
  out.is_sdk_shape = is_sdk_shape(from);
  const auto& names = out.is_sdk_shape ? sdk_names : document_names;
  auto& command = out.command;
  command.workspace = workspace;
  if (out.is_sdk_shape && !key) {
    const auto event_id = sdk_key(from);
    if (!event_id)
      return event_id.failure();
    key = *event_id;
    command.event.record.message_id = key.value_or(std::string_view{});
  }
  if (key)
    command.event.key
      = idempotency_of(*key, key_scope::native_events, workspace,
                       engine::fingerprint(*document));
  auto type = read_type(from, names);
  if (!type)
    return type.failure();
  command.event.record.type = std::move(*type);
  command.event.record.body = std::move(body);
  if (auto good = out.is_sdk_shape ? read_sdk_contact(command, from)
                                   : read_contact(command, from, ids);
      !good)
    return good.failure();
  if (auto good = read_metadata(command, from, names); !good)
    return good.failure();
  if (auto good = read_value(command.event, from); !good)
    return good.failure();
  if (out.is_sdk_shape)
    if (auto good = read_sdk_extras(command, from); !good)
      return good.failure();
  if (engine::is_reserved_name(command.event.record.type))
    if (auto good = read_system_event(command.event, names); !good)
      return good.failure();
  return out;
}

} // namespace troupe::http::native
