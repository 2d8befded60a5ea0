#include "http/doors/native/event_body.hpp"

#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "engine/normalise.hpp"
#include "http/doors/native/metadata.hpp"
#include "http/idempotency_key.hpp"

namespace troupe::http::native {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;
using engine::identity_kind;
using engine::invalid;
using engine::result;
using engine::status;

// What the members are called: in the reference document, and by its SDK (G8).
struct member_names {
  std::string_view type;
  std::string_view metadata;
  std::string_view contact; // pointer to the object that holds those below
  std::string_view external_id;
  std::string_view anonymous_id;
};

constexpr member_names document_names{"type", "metadata", "/contact",
                                      "external_id", "anonymous_id"};
constexpr member_names sdk_names{"name", "properties", "", "userId",
                                 "anonymousId"};

bool is_sdk_shape(const json::object& from) {
  return from.contains("name") && !from.contains("type")
         && !from.contains("contact");
}

std::string pointer_to(std::string_view member) {
  return "/" + std::string{member};
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
  if (type->get_string().front() == '$')
    return invalid("event_name_reserved",
                   "names that begin with `$` are the platform's", pointer);
  return std::string{type->get_string()};
}

// Adds the identity if it is given; null and empty mean that it is not.
status add_identity(messages::ingest& command, const json::object& contact,
                    identity_kind kind, const member_names& names) {
  const auto name = kind == identity_kind::external_id ? names.external_id
                    : kind == identity_kind::anonymous_id
                      ? names.anonymous_id
                      : engine::name_of(kind);
  const auto pointer = std::string{names.contact} + pointer_to(name);
  const auto* value = contact.if_contains(name);
  if (value == nullptr || value->is_null()
      || (value->is_string() && value->get_string().empty()))
    return engine::success();
  if (!value->is_string())
    return invalid("field_type_mismatch",
                   "`" + std::string{name} + "` is a text", pointer);
  const std::string_view text = value->get_string();
  if (engine::is_placeholder(text))
    return engine::success(); // identifies nobody: as if it were not there
  auto who = engine::make_identity(kind, text);
  if (!who)
    return invalid("field_invalid", "this is no valid " + std::string{name},
                   pointer);
  command.event.identities.push_back(std::move(*who));
  return engine::success();
}

status read_contact(messages::ingest& command, const json::object& from,
                    const engine::id_text& ids) {
  const error required
    = invalid("contact_required",
              "identify the contact by external_id, email or id", "/contact");
  const auto* contact = from.if_contains("contact");
  if (contact == nullptr || contact->is_null())
    return required;
  if (!contact->is_object())
    return invalid("field_type_mismatch", "`contact` is an object", "/contact");
  const auto& object = contact->get_object();
  for (const auto kind : {identity_kind::external_id, identity_kind::email,
                          identity_kind::phone, identity_kind::anonymous_id})
    if (auto added = add_identity(command, object, kind, document_names);
        !added)
      return added;
  const auto* id = object.if_contains("id");
  const auto named
    = id != nullptr && id->is_string() && !id->get_string().empty();
  if (!named)
    return command.event.identities.empty() ? engine::status{required}
                                            : engine::success();
  const auto known
    = ids.parse_contact(command.workspace, std::string_view{id->get_string()});
  if (!command.event.identities.empty()) {
    // Beside others an id finds and moves nothing; one that is not of the
    // event's contact makes the answer warn.
    command.event.named = known.value_or(engine::contact_id{});
    return engine::success();
  }
  if (!known)
    return error{errc::not_found, "contact_not_found",
                 "there is no contact with this id; name it by external_id or "
                 "email to create it",
                 "/contact/id"};
  command.contact = *known;
  command.by_id = true;
  return engine::success();
}

status read_sdk_contact(messages::ingest& command, const json::object& from) {
  for (const auto kind : {identity_kind::external_id, identity_kind::email,
                          identity_kind::phone, identity_kind::anonymous_id})
    if (auto added = add_identity(command, from, kind, sdk_names); !added)
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
  const auto* when = from.if_contains("occurredAt");
  if (when == nullptr || when->is_null())
    return engine::success();
  const auto at
    = when->is_string()
        ? engine::parse_iso8601(std::string_view{when->get_string()})
        : std::nullopt;
  if (!at)
    return invalid("field_invalid",
                   "`occurredAt` is an ISO 8601 time such as "
                   "2026-04-20T11:34:00Z",
                   "/occurredAt");
  command.event.record.occurred_at = *at;
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
  if (out.is_sdk_shape)
    if (auto good = read_sdk_extras(command, from); !good)
      return good.failure();
  return out;
}

} // namespace troupe::http::native
