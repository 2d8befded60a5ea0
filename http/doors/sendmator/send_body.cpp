#include "http/doors/sendmator/send_body.hpp"

#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"
#include "http/doors/event_parts.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using engine::identity_kind;
using engine::result;
using engine::status;

constexpr std::size_t name_characters_max = 256;
constexpr std::size_t variables_bytes_max = 16 * 1024;
constexpr std::size_t text_bytes_max = 1024;
constexpr auto ahead_max = std::chrono::days{2 * 366};

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

status read_name(engine::event_record& record, const json::object& from) {
  const auto* name = from.if_contains("event_name");
  if (name == nullptr || !name->is_string() || name->get_string().empty())
    return bad("Event name is required");
  record.type = name->get_string();
  if (characters_of(record.type) > name_characters_max)
    return bad("Event name has at most 256 characters");
  return engine::success();
}

// The first that is given is who it is, the others are joined to it (S10).
status read_who(engine::incoming_event& event, json::object& user) {
  struct part {
    std::string_view name;
    identity_kind kind;
  };
  for (const auto& [name, kind] :
       {part{"contact_external_id", identity_kind::external_id},
        part{"email", identity_kind::email},
        part{"phone", identity_kind::phone}}) {
    const auto pointer = "/user_info/" + std::string{name};
    const auto text = read_text(user, name, pointer);
    if (!text)
      return text.failure();
    // A number that is none identifies nobody, and is no error.
    if (!add_identity(event, kind, *text) && kind != identity_kind::phone)
      return engine::invalid("field_invalid",
                             "this is no valid `" + std::string{name} + "`",
                             pointer);
  }
  const auto name = read_text(user, "name", "/user_info/name");
  if (!name)
    return name.failure();
  auto fields = read_object(user, "custom_fields", "/user_info/custom_fields");
  if (!fields)
    return fields.failure();
  if (*fields != nullptr)
    event.traits = std::move(**fields);
  if (!name->empty())
    event.traits["name"] = *name;
  return engine::success();
}

std::optional<std::string_view> slice_of(const engine::event_record& record,
                                         std::string_view name) {
  return engine::find_member(record.body, name);
}

status read_source(engine::event_record& record, json::object& from) {
  const auto source = read_object(from, "source", "/source");
  if (!source)
    return source.failure();
  if (*source == nullptr)
    return engine::success();
  for (const auto* name : {"type", "ip", "user_agent"})
    if (const auto text
        = read_text(**source, name, "/source/" + std::string{name});
        !text)
      return text.failure();
  if (const auto slice = slice_of(record, "source"))
    record.context = place_in_body(record, *slice);
  return engine::success();
}

status read_data(engine::incoming_event& event, json::object& from) {
  auto data = read_object(from, "event_data", "/event_data");
  if (!data)
    return data.failure();
  if (*data != nullptr)
    set_properties(event, std::move(**data),
                   slice_of(event.record, "event_data"));
  auto variables = read_object(from, "variables", "/variables");
  if (!variables)
    return variables.failure();
  if (*variables == nullptr)
    return engine::success();
  if (engine::to_json(**variables).size() > variables_bytes_max)
    return engine::invalid(
      "vars_too_large", "`variables` has at most 16,384 bytes", "/variables");
  event.variables = std::move(**variables);
  return engine::success();
}

} // namespace

result<json::object> read_members(const std::string& body) {
  thread_local engine::json_reader reader;
  auto document = reader.read(body);
  if (!document)
    return document.failure();
  if (!document->is_object())
    return bad("The body is a JSON object");
  return std::move(document->get_object());
}

result<std::string> read_text(const json::object& from, std::string_view name,
                              const std::string& pointer) {
  const auto* given = from.if_contains(name);
  if (given == nullptr || given->is_null())
    return std::string{};
  if (given->is_int64() || given->is_uint64())
    return engine::to_json(*given);
  if (!given->is_string())
    return engine::invalid("field_type_mismatch",
                           "`" + std::string{name} + "` is a text", pointer);
  if (given->get_string().size() > text_bytes_max)
    return engine::invalid(
      "field_invalid", "`" + std::string{name} + "` has at most 1,024 bytes",
      pointer);
  return std::string{given->get_string()};
}

result<json::object*> read_object(json::object& from, std::string_view name,
                                  const std::string& pointer) {
  auto* given = from.if_contains(name);
  if (given == nullptr || given->is_null()
      || (given->is_array() && given->get_array().empty()))
    return nullptr;
  if (!given->is_object())
    return engine::invalid("field_type_mismatch",
                           "`" + std::string{name} + "` is an object", pointer);
  return &given->get_object();
}

result<std::optional<engine::timestamp>>
read_trigger_at(const json::object& from, engine::timestamp now) {
  const auto* given = from.if_contains("trigger_at");
  if (given == nullptr || given->is_null())
    return std::optional<engine::timestamp>{};
  const auto at
    = given->is_string()
        ? engine::parse_iso8601(std::string_view{given->get_string()})
        : std::nullopt;
  if (!at)
    return bad("Invalid trigger_at format");
  if (*at <= now)
    return bad("trigger_at must be a future date");
  if (*at > now + ahead_max)
    return bad("trigger_at is at most two years ahead");
  return at;
}

result<sent_event> read_event(std::string body, engine::timestamp now) {
  sent_event out;
  auto& event = out.event;
  event.record.from = engine::door::sendmator;
  event.record.body = std::move(body);
  auto from = read_members(event.record.body);
  if (!from)
    return from.failure();
  out.fingerprint = engine::fingerprint(json::value(*from));
  if (auto good = read_name(event.record, *from); !good)
    return good.failure();
  auto user = read_object(*from, "user_info", "/user_info");
  if (!user)
    return user.failure();
  if (*user != nullptr)
    if (auto good = read_who(event, **user); !good)
      return good.failure();
  if (auto good = read_source(event.record, *from); !good)
    return good.failure();
  if (auto good = read_data(event, *from); !good)
    return good.failure();
  auto at = read_trigger_at(*from, now);
  if (!at)
    return at.failure();
  out.at = *at;
  return out;
}

engine::error bad(std::string message) {
  return engine::invalid("field_invalid", std::move(message));
}

} // namespace troupe::http::sendmator
