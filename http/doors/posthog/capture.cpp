#include "http/doors/posthog/capture.hpp"

#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "http/doors/call_time.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/loose_json.hpp"

#include <array>

namespace troupe::http::posthog {

namespace json = boost::json;

namespace {

using engine::event_kind;
using engine::identity_kind;
using engine::invalid;
using engine::status;

// What Troupe calls a page's properties.
void name_page(json::object& properties) {
  constexpr std::array names{
    std::pair{std::string_view{"$current_url"}, std::string_view{"url"}},
    std::pair{std::string_view{"$pathname"}, std::string_view{"path"}},
    std::pair{std::string_view{"$referrer"}, std::string_view{"referrer"}},
    std::pair{std::string_view{"$screen_name"}, std::string_view{"name"}}};
  for (const auto& [theirs, ours] : names)
    if (const auto* value = properties.if_contains(theirs);
        value != nullptr && !properties.contains(ours)) {
      const auto copy = *value;
      properties[ours] = copy;
    }
}

class capture_reader {
public:
  capture_reader(messages::ingest& command, json::object& from)
    : event_(command.event), from_(from) {
    if (auto* given = from_.if_contains("properties");
        given != nullptr && given->is_object())
      properties_ = given->get_object();
  }

  status read() {
    const auto name = read_event_name(from_, {"event"});
    if (!name)
      return name.failure();
    if (auto good = read_who(*name); !good)
      return good;
    read_traits(*name);
    name_event(*name);
    const auto is_changed = event_.record.kind == event_kind::page
                            || event_.record.kind == event_kind::screen
                            || event_.record.kind == event_kind::identify
                            || event_.record.kind == event_kind::group
                            || event_.record.kind == event_kind::alias;
    const auto slice
      = is_changed ? std::nullopt
                   : engine::find_member(event_.record.body, "properties");
    set_properties(event_, std::move(properties_),
                   slice && slice->starts_with('{') ? slice : std::nullopt);
    return engine::success();
  }

private:
  // An id that is the device's own, or of nobody that was identified, names
  // nobody yet (api.md, "Small print").
  status read_who(std::string_view name) {
    auto id = loose_text(from_, {"distinct_id"});
    if (!id)
      id = loose_text(properties_, {"distinct_id"});
    const auto device = loose_text(properties_, {"$device_id"});
    const auto is_of_group // which is named so where nobody is
      = name == "$groupidentify" && id && id->starts_with('$');
    const auto is_anonymous = id
                              && (id == device || is_of_group
                                  || (name != "$identify"
                                      && (says_no("$process_person_profile")
                                          || says_no("$is_identified"))));
    if (id
        && !add_identity(event_,
                         is_anonymous ? identity_kind::anonymous_id
                                      : identity_kind::external_id,
                         *id))
      return invalid("field_invalid", "this is no valid `distinct_id`",
                     "/distinct_id");
    if (is_anonymous)
      event_.record.anonymous_id = *id;
    const auto before
      = name == "$identify" ? loose_text(properties_, {"$anon_distinct_id"})
        : name == "$create_alias" ? loose_text(properties_, {"alias"})
                                  : std::nullopt;
    if (before && before != id
        && add_identity(event_, identity_kind::anonymous_id, *before))
      event_.record.anonymous_id = *before;
    if (event_.identities.empty())
      return invalid("contact_required", "identify the person by `distinct_id`",
                     "/distinct_id");
    return engine::success();
  }

  [[nodiscard]] bool says_no(std::string_view property) const {
    const auto* said = properties_.if_contains(property);
    return said != nullptr && *said == false;
  }

  void read_traits(std::string_view name) {
    for (const auto* in : {static_cast<const json::object*>(&properties_),
                           static_cast<const json::object*>(&from_)})
      if (const auto* set = loose_object(*in, "$set"))
        for (const auto& item : *set)
          event_.traits[item.key()] = item.value();
    if (const auto* unset = properties_.if_contains("$unset");
        unset != nullptr && unset->is_array())
      for (const auto& each : unset->get_array())
        if (each.is_string())
          event_.traits[each.get_string()] = nullptr;
    if (name == "$identify" || name == "$set")
      add_reachable(event_);
  }

  void name_event(std::string_view name) {
    auto& record = event_.record;
    if (name == "$identify" || name == "$set") {
      record.kind = event_kind::identify;
      record.type = "$identify";
      properties_["traits"] = event_.traits;
    } else if (name == "$create_alias") {
      record.kind = event_kind::alias;
      record.type = "$alias";
      properties_["previous_id"]
        = loose_text(properties_, {"alias"}).value_or(std::string{});
    } else if (name == "$groupidentify") {
      record.kind = event_kind::group;
      record.type = "$group";
      properties_["group_id"]
        = loose_text(properties_, {"$group_key"}).value_or(std::string{});
    } else if (name == "$pageview" || name == "$screen") {
      record.kind = name == "$screen" ? event_kind::screen : event_kind::page;
      record.type = name == "$screen" ? "$screen_view" : "$page_view";
      name_page(properties_);
    } else if (name.starts_with('$')) {
      record.type = "posthog." + std::string{name.substr(1)};
    } else {
      record.type = name;
    }
  }

  engine::incoming_event& event_;
  json::object& from_;
  json::object properties_;
};

// By the id of its client; without one, a retry has the same time and bytes.
void set_id(const api_context& with, messages::ingest& command,
            const json::object& from) {
  auto id = loose_text(from, {"uuid"});
  if (!id)
    if (const auto* properties = loose_object(from, "properties"))
      id = loose_text(*properties, {"$insert_id"});
  if (!id)
    id = loose_text(from, {"messageId"});
  if (id && is_idempotency_key(*id)) {
    set_message_id(with, command, *id, key_scope::posthog);
  } else if (const auto* at = from.if_contains("timestamp");
             !id && at != nullptr && !at->is_null()) {
    set_fingerprint(with, command, json::value(from), key_scope::posthog);
  }
}

// By its own time, corrected by the client's clock, or by how long ago it was.
engine::result<std::optional<engine::timestamp>>
time_of(const json::object& from, const event_setting& as,
        std::optional<engine::timestamp> sent_at) {
  const auto* said = from.if_contains("timestamp");
  auto at = said == nullptr || said->is_null() ? std::nullopt
                                               : read_instant(*said, true);
  if (said != nullptr && !said->is_null() && !at)
    return invalid("field_invalid", "`timestamp` is an ISO 8601 time",
                   "/timestamp");
  const auto* ago = from.if_contains("offset"); // milliseconds
  if (!at && ago != nullptr && ago->is_int64() && ago->get_int64() > 0)
    at = as.received_at - std::chrono::milliseconds{ago->get_int64()};
  if (!at)
    return at;
  at = by_our_clock(*at, sent_at, as.received_at);
  if (as.is_history)
    return at;
  if (auto good = check_occurred(*at, as.received_at, "/timestamp"); !good)
    return good.failure();
  return at;
}

} // namespace

engine::result<messages::ingest>
read_capture(const api_context& with, std::string_view text,
             const event_setting& as,
             std::optional<engine::timestamp> sent_at) {
  auto document = read_object(text, loose_event_bytes_max);
  if (!document)
    return document.failure();
  auto& from = document->get_object();
  auto command = begin_event(as, engine::door::posthog, text);
  const auto at = time_of(from, as, sent_at);
  if (!at)
    return at.failure();
  command.event.record.occurred_at = *at;
  if (auto good = capture_reader{command, from}.read(); !good)
    return good.failure();
  set_id(with, command, from);
  return command;
}

} // namespace troupe::http::posthog
