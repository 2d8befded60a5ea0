#include "http/doors/amplitude/amplitude_event.hpp"

#include "engine/json_slice.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/loose_json.hpp"

namespace troupe::http::amplitude {

namespace json = boost::json;

namespace {

using engine::identity_kind;
using engine::invalid;
using engine::status;

status read_who(engine::incoming_event& event, const json::object& from) {
  for (const auto& [name, kind] :
       {std::pair{"user_id", identity_kind::external_id},
        std::pair{"device_id", identity_kind::anonymous_id}})
    if (const auto text = loose_text(from, {name});
        text && !add_identity(event, kind, *text))
      return invalid("field_invalid",
                     "this is no valid `" + std::string{name} + "`",
                     "/" + std::string{name});
  event.record.anonymous_id
    = loose_text(from, {"device_id"}).value_or(std::string{});
  if (event.identities.empty())
    return invalid("contact_required",
                   "identify the user by `user_id` or `device_id`", "/user_id");
  return engine::success();
}

// Plain members, or operations on them: those that set and unset are done,
// sums and lists need what is there and are kept with the event only.
json::object traits_of(const json::object& user_properties) {
  json::object traits;
  const auto* set = loose_object(user_properties, "$set");
  const auto* unset = loose_object(user_properties, "$unset");
  if (set != nullptr)
    traits = *set;
  if (unset != nullptr)
    for (const auto& item : *unset)
      traits[item.key()] = nullptr;
  for (const auto& item : user_properties)
    if (!item.key().starts_with('$'))
      traits[item.key()] = item.value();
  return traits;
}

void read_what(engine::incoming_event& event, json::object& from,
               std::string_view name) {
  auto& record = event.record;
  if (const auto* of_user = loose_object(from, "user_properties"))
    event.traits = traits_of(*of_user);
  if (name == "$identify") {
    set_identify(event, std::move(event.traits));
    return;
  }
  record.type = name.starts_with('$')
                  ? "amplitude." + std::string{name.substr(1)}
                  : std::string{name};
  auto* given = from.if_contains("event_properties");
  if (given == nullptr || !given->is_object())
    return;
  set_properties(event, std::move(given->get_object()),
                 engine::find_member(record.body, "event_properties"));
}

} // namespace

engine::result<messages::ingest> read_amplitude_event(const api_context& with,
                                                      std::string_view text,
                                                      const event_setting& as) {
  auto document = read_object(text, loose_event_bytes_max);
  if (!document)
    return document.failure();
  auto& from = document->get_object();
  auto command = begin_event(as, engine::door::amplitude, text);
  auto& event = command.event;
  const auto name = read_event_name(from, {"event_type"});
  if (!name)
    return name.failure();
  if (auto good = read_who(event, from); !good)
    return good.failure();
  // The first library calls them otherwise.
  for (const auto* member : {"time", "timestamp"})
    if (const auto* time = from.if_contains(member);
        time != nullptr && !time->is_null() && !event.record.occurred_at)
      if (auto good = read_milliseconds(event.record, *time, member, as); !good)
        return good.failure();
  read_what(event, from, *name);
  if (const auto id = loose_text(from, {"insert_id", "uuid"});
      id && is_idempotency_key(*id))
    set_message_id(with, command, *id, key_scope::amplitude);
  return command;
}

} // namespace troupe::http::amplitude
