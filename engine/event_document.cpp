#include "engine/event_document.hpp"

#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "engine/lints.hpp"
#include "engine/naming.hpp"
#include "engine/strict_json.hpp"
#include "engine/text_document.hpp"

#include <array>

namespace troupe::engine {

namespace {

std::string_view origin_of(door from) {
  switch (from) {
    case door::inside:
      return "sequence";
    case door::system:
    case door::platform:
      return "system";
    default:
      return "client";
  }
}

// A name that begins with `$` is the platform's, unless a client's own call
// (identify, page …) stands behind it.
std::string_view kind_of(const event_record& event) {
  if (event.kind == event_kind::track && event.type.starts_with('$'))
    return "system";
  return name_of(event.kind);
}

std::string list_json(const std::vector<std::string>& names) {
  return to_json(boost::json::array(names.begin(), names.end()));
}

std::string warnings_json(const std::vector<warning>& warnings) {
  boost::json::array out;
  for (const auto& each : warnings)
    out.push_back(is_of_identity(each)
                    ? boost::json::object{{"code", each.code},
                                          {"identity", name_of(each.kind)}}
                    : boost::json::object{{"code", each.code}});
  return to_json(out);
}

std::string lints_json(const std::vector<lint>& lints) {
  boost::json::array out;
  for (const auto& each : lints)
    out.push_back(
      {{"code", each.code}, {"path", each.path}, {"message", each.message}});
  return to_json(out);
}

text_document name_contact(const turn& of, const id_text& ids) {
  text_document contact;
  contact.text("id", ids.contact(of.workspace, of.contact));
  contact.text_or_null("external_id", of.external_id);
  contact.text_or_null("email", of.email);
  return contact;
}

// What the event itself called its contact, a JSON text; empty: nothing.
std::string_view given_identity(const event_record& event,
                                std::string_view name) {
  const auto contact = find_member(event.body, "contact");
  const auto found = contact && contact->starts_with('{')
                       ? find_member(*contact, name)
                       : find_member(event.body, name);
  return found && found->size() > 2 && found->starts_with('"')
           ? *found
           : std::string_view{};
}

text_document name_contact_anywhere(const turn& of, const id_text& ids) {
  const auto& event = *of.event;
  auto contact = name_contact(of, ids);
  const auto phone = given_identity(event, "phone");
  if (!phone.empty())
    contact.raw("phone", phone);
  const auto anonymous = given_identity(event, "anonymous_id");
  if (!event.anonymous_id.empty())
    contact.text("anonymous_id", event.anonymous_id);
  else if (!anonymous.empty())
    contact.raw("anonymous_id", anonymous);
  else if (of.external_id.empty() && of.email.empty() && phone.empty())
    contact.text("anonymous_id", ids.contact(of.workspace, of.contact));
  return contact;
}

text_document describe(const turn& of, const id_text& ids,
                       std::string_view tenant, text_document contact) {
  const auto& event = *of.event;
  const auto id = event_id(of, ids);
  text_document out;
  out.text("id", id);
  out.text("type", event.type);
  out.text("kind", kind_of(event));
  out.raw("contact", contact.take());
  out.raw("metadata", event.properties_text());
  if (event.context.length != 0)
    out.raw("context", event.context_text());
  if (event.value) {
    out.raw("value", to_json(event.value->amount));
    if (!event.value->currency.empty())
      out.text("value_currency", event.value->currency);
  }
  out.text("occurred_at", to_iso8601(event.occurred_at.value_or(of.stamp.at)));
  out.text("received_at", to_iso8601(of.stamp.at));
  out.text("origin", origin_of(event.from));
  out.text("door", name_of(event.from));
  out.text("message_id", event.message_id.empty() ? id : event.message_id);
  out.text("tenant_id", tenant);
  if (of.traced)
    out.text("trace_id", trace_id_of(*of.traced));
  if (!event.normalised.empty())
    out.raw("normalised", list_json(event.normalised));
  if (!of.warnings.empty())
    out.raw("warnings", warnings_json(of.warnings));
  return out;
}

} // namespace

std::string_view name_of(door from) {
  constexpr std::array<std::string_view, 15> names{
    "inside",  "native",    "system",    "platform",   "growthos",
    "segment", "redo",      "sendmator", "customerio", "cloudevents",
    "posthog", "amplitude", "loops",     "inngest",    "import"};
  const auto number = static_cast<std::size_t>(from);
  return number < names.size() ? names[number] : "unknown";
}

std::string_view name_of(event_kind kind) {
  constexpr std::array<std::string_view, 6> names{
    "track", "identify", "page", "screen", "group", "alias"};
  const auto number = static_cast<std::size_t>(kind);
  return number < names.size() ? names[number] : "track";
}

std::string event_id(const turn& of, const id_text& ids) {
  return ids.at_position("evt_", of.workspace, {of.stamp.at, of.stamp.turn, 0});
}

std::string event_document(const turn& of, const id_text& ids,
                           std::string_view tenant) {
  if (of.kind == turn_kind::notice)
    return std::string{of.event->properties_text()};
  return describe(of, ids, tenant, name_contact(of, ids)).take();
}

std::string linted_event_document(const turn& of, const id_text& ids,
                                  std::string_view tenant) {
  auto out = describe(of, ids, tenant, name_contact(of, ids));
  std::vector<lint> lints;
  boost::json::object properties;
  if (of.event->properties.length > 2)
    if (auto read = parse_json(of.event->properties_text());
        read && read->is_object()) {
      properties = std::move(read->get_object());
      lints = lints_of(properties, of.event->type);
    }
  add_naming_lints(lints, properties, of.event->type);
  if (!lints.empty())
    out.raw("lints", lints_json(lints));
  return out.take();
}

std::string portable_event_document(const turn& of, const id_text& ids,
                                    std::string_view tenant) {
  return describe(of, ids, tenant, name_contact_anywhere(of, ids)).take();
}

std::string growthos_document(const turn& of, const id_text& ids,
                              std::string_view tenant) {
  const auto& event = *of.event;
  const auto id = event_id(of, ids);
  text_document out;
  out.text("id", id);
  out.text("type", name_of(event.kind));
  out.text("event", event.type);
  out.text("message_id", event.message_id.empty() ? id : event.message_id);
  out.text("tenant_id", tenant);
  out.text_or_null("user_id", of.external_id);
  out.text_or_null("anonymous_id", event.anonymous_id);
  out.raw("properties", event.properties_text());
  out.raw("context", event.context.length == 0 ? "{}" : event.context_text());
  out.text("timestamp", to_iso8601(event.occurred_at.value_or(of.stamp.at)));
  out.text("received_at", to_iso8601(of.stamp.at));
  return out.take();
}

} // namespace troupe::engine
