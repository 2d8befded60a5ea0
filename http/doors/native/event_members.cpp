#include "http/doors/native/event_members.hpp"

#include "engine/normalise.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::http::native {

namespace json = boost::json;

using engine::errc;
using engine::error;
using engine::identity_kind;
using engine::invalid;
using engine::status;

namespace {

constexpr std::size_t currency_letters = 3;
constexpr double value_max = 1e15;

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

status read_currency(engine::event_value& value, const json::object& from) {
  const auto* given = from.if_contains("value_currency");
  if (given == nullptr || given->is_null())
    return engine::success();
  const auto* text = given->if_string();
  if (text == nullptr || text->size() != currency_letters)
    return invalid("field_invalid",
                   "`value_currency` is a code of ISO 4217 such as \"EUR\"",
                   "/value_currency");
  for (const char c : *text)
    value.currency.push_back(upper(c));
  if (!std::all_of(value.currency.begin(), value.currency.end(), [](char c) {
        return c >= 'A' && c <= 'Z';
      }))
    return invalid("field_invalid",
                   "`value_currency` is a code of ISO 4217 such as \"EUR\"",
                   "/value_currency");
  return engine::success();
}

} // namespace

std::string pointer_to(std::string_view member) {
  return "/" + std::string{member};
}

status add_identity(engine::incoming_event& event, const json::object& contact,
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
  event.identities.push_back(std::move(*who));
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
    if (auto added = add_identity(command.event, object, kind, document_names);
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

status read_time(engine::incoming_event& event, const json::object& from,
                 std::string_view member) {
  const auto* when = from.if_contains(member);
  if (when == nullptr || when->is_null())
    return engine::success();
  const auto at
    = when->is_string()
        ? engine::parse_iso8601(std::string_view{when->get_string()})
        : std::nullopt;
  if (!at)
    return invalid("field_invalid",
                   "`" + std::string{member}
                     + "` is an ISO 8601 time such as 2026-04-20T11:34:00Z",
                   pointer_to(member));
  event.record.occurred_at = *at;
  return engine::success();
}

status read_value(engine::incoming_event& event, const json::object& from) {
  const auto* given = from.if_contains("value");
  if (given == nullptr || given->is_null()) {
    if (const auto* currency = from.if_contains("value_currency");
        currency != nullptr && !currency->is_null())
      return invalid("field_required",
                     "`value_currency` is of a `value`; give that too",
                     "/value");
    return engine::success();
  }
  const auto amount = given->is_number() ? given->to_number<double>() : NAN;
  // So that a sum of them is a number.
  if (!(std::abs(amount) <= value_max))
    return invalid("field_type_mismatch", "`value` is a number within ±10^15",
                   "/value");
  auto& value = event.record.value.emplace();
  value.amount = amount;
  return read_currency(value, from);
}

} // namespace troupe::http::native
