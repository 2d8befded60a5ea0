#include "http/doors/redo/event_body.hpp"

#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "http/doors/native/event_members.hpp"

#include <array>
#include <initializer_list>

namespace troupe::http::redo {

namespace json = boost::json;

namespace {

using engine::identity_kind;
using engine::invalid;
using engine::result;
using engine::status;

constexpr std::size_t name_bytes_max = 256;

/// A member under the first of its names that is there.
struct member {
  std::string_view name;
  json::value* value = nullptr; // null: none is there, or it is null
};

using names = std::initializer_list<std::string_view>;

member find(json::object& in, names all) {
  for (const auto name : all)
    if (auto* found = in.if_contains(name);
        found != nullptr && !found->is_null())
      return {name, found};
  return {*all.begin(), nullptr};
}

std::string pointer_to(const member& of, std::string_view before = {}) {
  return std::string{before} + "/" + std::string{of.name};
}

status no_text(const member& of, std::string_view before = {}) {
  return invalid("field_type_mismatch",
                 "`" + std::string{of.name} + "` is a text",
                 pointer_to(of, before));
}

class event_reader {
public:
  event_reader(const api_context& with, messages::ingest& command,
               json::object& from)
    : with_(with), command_(command), event_(command.event), from_(from) {}

  status read(engine::timestamp received_at) {
    if (auto good = read_name(); !good)
      return good;
    if (auto good = read_customer(); !good)
      return good;
    if (auto good = read_time(received_at); !good)
      return good;
    if (auto good = read_value(); !good)
      return good;
    if (auto good = read_properties(); !good)
      return good;
    return read_unique_id();
  }

private:
  status read_name() {
    const auto name = find(from_, {"eventName", "event_name", "name"});
    if (name.value == nullptr
        || (name.value->is_string() && name.value->get_string().empty()))
      return invalid("field_required",
                     "give the event's name, such as \"purchase_completed\"",
                     pointer_to(name));
    if (!name.value->is_string()
        || name.value->get_string().size() > name_bytes_max)
      return invalid("field_type_mismatch",
                     "the event's name is a text of at most 256 bytes",
                     pointer_to(name));
    event_.record.type = name.value->get_string();
    return engine::success();
  }

  // An object, one identifier, or the identifiers beside the event's members.
  status read_customer() {
    const auto customer = find(from_, {"customer"});
    if (customer.value == nullptr)
      return read_identifiers(from_, "", {"customer_id", "customerId"});
    if (customer.value->is_object()) {
      auto& object = customer.value->get_object();
      if (auto good = read_identifiers(object, "/customer",
                                       {"id", "customer_id", "customerId"});
          !good)
        return good;
      return read_profile(object);
    }
    if (!customer.value->is_string())
      return invalid("field_type_mismatch",
                     "`customer` is an object with id, email or phone",
                     "/customer");
    const std::string_view text = customer.value->get_string();
    const auto kind = text.find('@') != text.npos ? identity_kind::email
                      : text.starts_with('+')     ? identity_kind::phone
                                                  : identity_kind::external_id;
    if (!add_identity(event_, kind, text) || event_.identities.empty())
      return nobody("/customer");
    return engine::success();
  }

  status read_identifiers(json::object& in, std::string_view before,
                          names ids) {
    if (auto good = read_id(find(in, ids), before); !good)
      return good;
    if (auto good = add(find(in, {"email"}), identity_kind::email, before);
        !good)
      return good;
    if (auto good = add(find(in, {"phoneNumber", "phone_number", "phone"}),
                        identity_kind::phone, before);
        !good)
      return good;
    if (event_.identities.empty() && !command_.by_id)
      return nobody(std::string{before} + "/" + std::string{*ids.begin()});
    return engine::success();
  }

  // One of Troupe's own ids is that contact; one that is nobody's leaves it to
  // the other identifiers (R19).
  status read_id(const member& id, std::string_view before) {
    if (id.value == nullptr || !id.value->is_string()
        || !id.value->get_string().starts_with("con_"))
      return add(id, identity_kind::external_id, before);
    const auto known = with_.ids->parse_contact(
      command_.workspace, std::string_view{id.value->get_string()});
    if (known) {
      command_.contact = *known;
      command_.by_id = true;
    }
    return engine::success();
  }

  status add(const member& from, identity_kind kind, std::string_view before) {
    if (from.value == nullptr)
      return engine::success();
    std::string text;
    if (from.value->is_string())
      text = from.value->get_string();
    else if (from.value->is_int64() && kind == identity_kind::external_id)
      text = std::to_string(from.value->get_int64());
    else
      return no_text(from, before);
    // A number that is none identifies nobody, who has another name.
    const auto is_named = !event_.identities.empty() || command_.by_id;
    if (!add_identity(event_, kind, text)
        && !(kind == identity_kind::phone && is_named))
      return invalid("field_invalid",
                     kind == identity_kind::phone
                       ? "a phone number is written as E.164: +14155550123"
                       : "this is no valid " + std::string{name_of(kind)},
                     pointer_to(from, before));
    return engine::success();
  }

  static status nobody(std::string pointer) {
    return invalid("contact_required",
                   "identify the customer by id, email or phone that is known "
                   "or new",
                   std::move(pointer));
  }

  status keep_text(const member& text, std::string_view attribute) {
    if (text.value == nullptr)
      return engine::success();
    if (!text.value->is_string())
      return no_text(text, "/customer");
    event_.traits[attribute] = *text.value;
    return engine::success();
  }

  // What is said of the customer becomes attributes (R21).
  status read_profile(json::object& customer) {
    if (auto good
        = keep_text(find(customer, {"firstName", "first_name"}), "first_name");
        !good)
      return good;
    if (auto good
        = keep_text(find(customer, {"lastName", "last_name"}), "last_name");
        !good)
      return good;
    const auto location = find(customer, {"location"});
    if (location.value != nullptr) {
      if (!location.value->is_object())
        return invalid("field_type_mismatch", "`location` is an object",
                       "/customer/location");
      auto& place = location.value->get_object();
      const auto zone
        = find(place, {"ianaTimeZoneName", "iana_time_zone_name"});
      if (zone.value != nullptr && zone.value->is_string())
        event_.traits["timezone"] = *zone.value;
      event_.traits["location"] = place;
    }
    const auto fields = find(customer, {"customFields", "custom_fields"});
    if (fields.value == nullptr)
      return engine::success();
    if (!fields.value->is_object())
      return invalid("field_type_mismatch",
                     "`" + std::string{fields.name} + "` is an object",
                     pointer_to(fields, "/customer"));
    for (auto& field : fields.value->get_object())
      event_.traits[field.key()] = field.value();
    return engine::success();
  }

  status read_time(engine::timestamp received_at) {
    const auto time
      = find(from_, {"eventTimestamp", "event_timestamp", "timestamp"});
    if (time.value == nullptr)
      return engine::success();
    const auto at
      = time.value->is_string()
          ? engine::parse_iso8601(std::string_view{time.value->get_string()})
          : std::nullopt;
    if (!at)
      return invalid("field_invalid",
                     "`" + std::string{time.name}
                       + "` is an ISO 8601 time with its offset, such as "
                         "2026-04-20T11:34:00Z",
                     pointer_to(time));
    if (auto good = check_occurred(*at, received_at, pointer_to(time)); !good)
      return good;
    event_.record.occurred_at = *at;
    return engine::success();
  }

  status read_value() {
    json::object said;
    if (const auto value = find(from_, {"value"}); value.value != nullptr)
      said["value"] = *value.value;
    const auto currency = find(from_, {"valueCurrency", "value_currency"});
    if (currency.value != nullptr)
      said["value_currency"] = *currency.value;
    return native::read_value(event_, said);
  }

  // At the top 0, null and "" mean that there is no value; `$extra` is kept as
  // it is (R11).
  status read_properties() {
    const auto data = find(from_, {"data", "properties"});
    if (data.value == nullptr)
      return engine::success();
    if (!data.value->is_object())
      return invalid("field_type_mismatch",
                     "`" + std::string{data.name} + "` is an object",
                     pointer_to(data));
    json::object properties;
    auto& normalised = event_.record.normalised;
    for (auto& item : data.value->get_object()) {
      if (is_unset(item.value()))
        normalised.emplace_back(item.key());
      else
        properties[item.key()] = std::move(item.value());
    }
    set_properties(event_, std::move(properties),
                   normalised.empty()
                     ? engine::find_member(event_.record.body, data.name)
                     : std::nullopt);
    return engine::success();
  }

  static bool is_unset(const json::value& value) {
    return value.is_null()
           || (value.is_number() && value.to_number<double>() == 0)
           || (value.is_string() && value.get_string().empty());
  }

  status read_unique_id() {
    const auto id = find(from_, {"uniqueId", "unique_id"});
    if (id.value == nullptr)
      return engine::success();
    if (!id.value->is_string()
        || !is_idempotency_key(std::string_view{id.value->get_string()}))
      return invalid("field_invalid",
                     "`" + std::string{id.name}
                       + "` is a text of 1 to 200 characters",
                     pointer_to(id));
    set_unique_id(with_, command_, std::string_view{id.value->get_string()},
                  key_scope::redo);
    return engine::success();
  }

  const api_context& with_;
  messages::ingest& command_;
  engine::incoming_event& event_;
  json::object& from_;
};

} // namespace

result<messages::ingest> read_event(const api_context& with,
                                    engine::workspace_id workspace,
                                    std::string_view text,
                                    engine::timestamp received_at) {
  thread_local engine::json_reader reader;
  auto document = reader.read(text);
  if (!document)
    return document.failure();
  if (!document->is_object())
    return invalid("field_type_mismatch", "an event is a JSON object");
  messages::ingest command;
  command.workspace = workspace;
  command.event.record.from = engine::door::redo;
  command.event.record.body = text;
  if (auto good
      = event_reader{with, command, document->get_object()}.read(received_at);
      !good)
    return good.failure();
  return command;
}

} // namespace troupe::http::redo
