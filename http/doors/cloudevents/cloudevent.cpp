#include "http/doors/cloudevents/cloudevent.hpp"

#include "engine/json_text.hpp"
#include "http/doors/loose_json.hpp"

#include <array>

namespace troupe::http::cloudevents {

namespace json = boost::json;

namespace {

using engine::identity_kind;
using engine::invalid;

constexpr std::size_t attribute_bytes_max = 1024;

engine::result<std::string> required(const json::object& in,
                                     std::string_view name) {
  auto text = loose_text(in, {name});
  if (!text)
    return invalid("field_required",
                   "a CloudEvent has `" + std::string{name} + "`",
                   "/" + std::string{name});
  if (text->size() > attribute_bytes_max)
    return invalid("field_invalid",
                   "`" + std::string{name} + "` has at most 1,024 bytes",
                   "/" + std::string{name});
  return *text;
}

engine::status read_who(engine::incoming_event& event,
                        const json::object& attributes) {
  constexpr std::array kinds{
    std::pair{std::string_view{"subject"}, identity_kind::external_id},
    std::pair{std::string_view{"contactemail"}, identity_kind::email},
    std::pair{std::string_view{"contactanonymousid"},
              identity_kind::anonymous_id},
    std::pair{std::string_view{"contactphone"}, identity_kind::phone}};
  // A number that is none identifies nobody, who has another name.
  for (const auto& [name, kind] : kinds)
    if (const auto text = loose_text(attributes, {name});
        text && !add_identity(event, kind, *text)
        && !(kind == identity_kind::phone && !event.identities.empty()))
      return invalid("field_invalid",
                     "`" + std::string{name} + "` is no valid "
                       + std::string{engine::name_of(kind)},
                     "/" + std::string{name});
  if (event.identities.empty())
    return invalid("contact_required",
                   "identify the contact by `subject`, or by the extensions "
                   "`contactemail`, `contactphone`, `contactanonymousid`",
                   "/subject");
  return engine::success();
}

} // namespace

engine::result<messages::ingest>
read_cloudevent(const api_context& with, engine::workspace_id workspace,
                const json::object& attributes, json::value data,
                std::string_view body, engine::timestamp received_at) {
  if (loose_text(attributes, {"specversion"}) != "1.0")
    return invalid("field_invalid", "`specversion` is 1.0", "/specversion");
  const auto id = required(attributes, "id");
  if (!id)
    return id.failure();
  const auto source = required(attributes, "source");
  if (!source)
    return source.failure();
  auto type = required(attributes, "type");
  if (!type)
    return type.failure();
  messages::ingest command;
  command.workspace = workspace;
  auto& event = command.event;
  event.record.from = engine::door::cloudevents;
  event.record.type = std::move(*type);
  event.record.body = body;
  if (auto good = read_who(event, attributes); !good)
    return good.failure();
  if (const auto time = loose_text(attributes, {"time"})) {
    const auto at = engine::parse_iso8601(*time);
    if (!at)
      return invalid("field_invalid", "`time` is an RFC 3339 time", "/time");
    if (auto good = check_occurred(*at, received_at, "/time"); !good)
      return good.failure();
    event.record.occurred_at = *at;
  }
  event.record.context = keep_behind(
    event.record, engine::to_json(json::object{{"cloudevent", attributes}}));
  json::object properties;
  if (data.is_object())
    properties = std::move(data.get_object());
  else if (!data.is_null())
    properties["data"] = std::move(data);
  set_properties(event, std::move(properties), std::nullopt);
  // No source has a line break in it.
  set_key(with, command, *source + "\n" + *id, key_scope::cloudevents, 0);
  event.record.message_id = *id;
  return command;
}

} // namespace troupe::http::cloudevents
