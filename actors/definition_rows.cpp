#include "actors/definition_rows.hpp"

#include "actors/access_rows.hpp"
#include "actors/event_type_rows.hpp"
#include "engine/json_text.hpp"

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;
using kind = messages::definition_change::kind;

// A delivery's id has 12 bits for its destination.
constexpr std::size_t destinations_max = 4095;
constexpr std::size_t added_at_once = 2; // by a new workspace
constexpr std::size_t sequences_max = 20'000;
constexpr std::size_t event_types_max = 5'000;

result<wished_rows> unnoted_rows_of(const messages::definition_change& wish,
                                    const definitions_options& options) {
  switch (wish.what) {
    case kind::sequence:
      return new_sequence(wish, options);
    case kind::checked_sequence:
      return checked_sequence(wish, options);
    case kind::published_sequence:
      return published_sequence(wish, options);
    case kind::paused_sequence:
    case kind::resumed_sequence:
    case kind::archived_sequence:
      return changed_sequence(wish, options);
    case kind::webhook:
      return new_webhook(wish, options);
    case kind::changed_webhook:
      return changed_webhook(wish, options);
    case kind::removed_webhook:
      return removed_webhook(wish, options);
    case kind::disabled_webhook:
      return disabled_webhook(wish, options);
    case kind::rotated_webhook:
      return rotated_webhook(wish, options);
    case kind::channel:
      return new_channel(wish, options);
    case kind::changed_channel:
      return changed_channel(wish, options);
    case kind::removed_channel:
      return removed_channel(wish, options);
    case kind::event_type:
      return new_event_type(wish, options);
    case kind::changed_event_type:
      return changed_event_type(wish, options);
    case kind::archived_event_type:
      return archived_event_type(wish, options);
    case kind::renamed_event_type:
      return renamed_event_type(wish, options);
    case kind::message_template:
      return new_template(wish, options);
    case kind::archived_message_template:
      return archived_template(wish, options);
    case kind::segment:
      return new_segment(wish, options);
    case kind::archived_segment:
      return archived_segment(wish, options);
    case kind::checklist:
      return new_checklist(wish, options);
    case kind::removed_checklist:
      return removed_checklist(wish, options);
    case kind::funnel:
      return new_funnel(wish, options);
    case kind::removed_funnel:
      return removed_funnel(wish, options);
    case kind::enabled_automation:
      return enabled_automation(wish, options);
    case kind::disabled_automation:
      return disabled_automation(wish, options);
    case kind::workspace:
      return new_workspace(wish, options);
    case kind::settings:
      return changed_workspace(wish, options);
    case kind::key:
      return new_key(wish, options);
    case kind::revoked_key:
      return revoked_key(wish, options);
  }
  return invalid("field_type_mismatch", "there is no such definition", "");
}

bool has_body(kind what) {
  switch (what) {
    case kind::published_sequence:
    case kind::paused_sequence:
    case kind::resumed_sequence:
    case kind::archived_sequence:
    case kind::removed_webhook:
    case kind::rotated_webhook:
    case kind::removed_channel:
    case kind::archived_event_type:
    case kind::archived_message_template:
    case kind::archived_segment:
    case kind::removed_checklist:
    case kind::removed_funnel:
    case kind::disabled_automation:
    case kind::revoked_key:
      return false;
    default:
      return true;
  }
}

} // namespace

engine::timestamp now_in(engine::workspace_id workspace,
                         const definitions_options& options) {
  const auto own = messages::clock_of(*options.catalog->get(), workspace);
  return own ? own->now() : options.clock();
}

engine::status check_url(const json::object& from,
                         const definitions_options& options) {
  const auto url = text_member(from, "url", 2048);
  if (!url)
    return url.failure();
  if (auto allowed = options.check_url(*url); !allowed) {
    auto why = allowed.failure();
    why.pointer = "/url";
    return why;
  }
  return engine::success();
}

std::string told(const json::object& shown,
                 std::initializer_list<std::string_view> names) {
  json::object details;
  for (const auto name : names)
    if (const auto* value = shown.if_contains(name))
      details[name] = *value;
  return engine::to_json(details);
}

result<std::string> text_member(const json::object& from, std::string_view name,
                                std::size_t max) {
  const auto pointer = "/" + std::string{name};
  const auto* found = from.if_contains(name);
  if (found == nullptr)
    return invalid("field_required", "give `" + std::string{name} + "`",
                   pointer);
  if (!found->is_string() || found->get_string().empty()
      || found->get_string().size() > max)
    return invalid("field_type_mismatch",
                   "`" + std::string{name} + "` is a text of 1 to "
                     + std::to_string(max) + " bytes",
                   pointer);
  return std::string{found->get_string()};
}

// Each change reads and publishes all of them.
engine::status check_room(const messages::definition_change& wish,
                          const definitions_options& options) {
  const auto full = [](std::string name, std::string message) {
    return engine::error{
      engine::errc::conflict, std::move(name), std::move(message), {}};
  };
  const auto adds_destinations = wish.what == kind::webhook
                                 || wish.what == kind::channel
                                 || wish.what == kind::workspace;
  if (adds_destinations
      && options.destinations->get()->entries.size() + added_at_once
           > destinations_max)
    return full("destinations_limit",
                "this installation has as many endpoints and channels as it "
                "can");
  const auto known = options.catalog->get();
  const auto of = known->workspaces.find(wish.workspace);
  if (of == known->workspaces.end())
    return engine::success();
  if ((wish.what == kind::sequence || wish.what == kind::enabled_automation)
      && of->second.sequences.size() >= sequences_max)
    return full("sequences_limit",
                "this workspace has as many sequences as it can, archived ones "
                "included");
  if ((wish.what == kind::event_type || wish.what == kind::renamed_event_type)
      && of->second.event_types.size() >= event_types_max)
    return full("event_types_limit",
                "this workspace describes as many event types as it can");
  return engine::success();
}

result<wished_rows> rows_of(const messages::definition_change& wish,
                            const definitions_options& options) {
  if (has_body(wish.what) && !wish.body.is_object())
    return invalid("field_type_mismatch", "send a JSON object", "");
  if (auto good = check_room(wish, options); !good)
    return good.failure();
  const auto known = options.catalog->get();
  const auto* actor = messages::key_numbered(*known, wish.key);
  // It may have been revoked since its request was let in.
  if (actor != nullptr && actor->revoked)
    return engine::error{engine::errc::unauthenticated,
                         "revoked_api_key",
                         "this API key was revoked",
                         {}};
  auto made = unnoted_rows_of(wish, options);
  if (!made)
    return made.failure();
  auto& note = made->note;
  note.workspace = wish.workspace;
  note.at = options.clock();
  note.request_id = wish.request_id;
  if (actor != nullptr)
    note.actor = actor->text_id;
  if (note.details.empty())
    note.details = "{}";
  return made;
}

void show_stored(const persistence::any_row& stored, json::object& shown) {
  if (const auto* sequence = std::get_if<persistence::sequence_row>(&stored)) {
    shown["id"] = sequence->text_id;
    shown["version"] = sequence->version;
  } else if (const auto* destination
             = std::get_if<persistence::destination_row>(&stored)) {
    shown["id"] = destination->text_id;
  } else if (const auto* made
             = std::get_if<persistence::template_row>(&stored)) {
    shown["id"] = made->text_id;
    shown["version"] = made->version;
  } else if (const auto* segment
             = std::get_if<persistence::segment_row>(&stored)) {
    shown["id"] = segment->text_id;
    shown["version"] = segment->version;
  } else if (const auto* named = std::get_if<persistence::named_row>(&stored)) {
    shown["id"] = named->text_id;
  }
}

} // namespace troupe::actors
