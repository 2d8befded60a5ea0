#include "actors/definition_rows.hpp"

#include "actors/access_rows.hpp"
#include "engine/event_pattern.hpp"
#include "engine/json_text.hpp"
#include "engine/template_text.hpp"

#include <set>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;
using persistence::definition_status;
using persistence::destination_kind;

constexpr std::size_t events_max = 100;
// A delivery's id has 12 bits for its destination.
constexpr std::size_t destinations_max = 4095;
constexpr std::size_t added_at_once = 2; // by a new workspace
constexpr std::string_view capture_channel = "capture";

std::set<std::string> channels_of(const definitions_options& options,
                                  engine::workspace_id workspace) {
  std::set<std::string> keys{std::string{capture_channel}};
  for (const auto& entry : options.destinations->get()->entries)
    if (entry.row.workspace == workspace
        && (entry.row.kind == destination_kind::http
            || entry.row.kind == destination_kind::capture))
      keys.insert(entry.row.key);
  return keys;
}

struct wished_row {
  persistence::any_row row;
  json::object shown;
};

result<wished_row> sequence_row_of(const messages::definition_change& wish,
                                   const definitions_options& options) {
  const auto parsed
    = engine::parse_sequence(wish.body, channels_of(options, wish.workspace));
  if (!parsed)
    return parsed.failure();
  auto definition = wish.body.get_object();
  auto state = definition_status::draft;
  if (const auto* status = definition.if_contains("status")) {
    if (!status->is_string()
        || (status->get_string() != "active"
            && status->get_string() != "draft"))
      return invalid("field_type_mismatch",
                     "`status` is \"draft\" or \"active\"", "/status");
    if (status->get_string() == "active")
      state = definition_status::active;
    definition.erase("status");
  }
  persistence::sequence_row row;
  row.text_id = options.make_id("seq_");
  row.workspace = wish.workspace;
  row.key = (*parsed)->key;
  row.status = state;
  row.definition = engine::to_json(definition);
  json::object shown{
    {"key", row.key},
    {"status", state == definition_status::active ? "active" : "draft"}};
  shown["definition"] = std::move(definition);
  return wished_row{std::move(row), std::move(shown)};
}

engine::status check_events(const json::object& from) {
  const auto* events = from.if_contains("events");
  if (events == nullptr || !events->is_array() || events->get_array().empty()
      || events->get_array().size() > events_max)
    return invalid("field_required",
                   "`events` is a list of 1 to 100 names, prefixes such as "
                   "\"order.*\", or \"*\"",
                   "/events");
  std::size_t index = 0;
  for (const auto& event : events->get_array()) {
    if (!event.is_string() || event.get_string().empty()
        || event.get_string().size() > 256)
      return invalid("field_type_mismatch",
                     "an event is a text of 1 to 256 bytes",
                     "/events/" + std::to_string(index));
    ++index;
  }
  return engine::success();
}

result<wished_row> webhook_row_of(const messages::definition_change& wish,
                                  const definitions_options& options) {
  const auto& from = wish.body.get_object();
  const auto url = text_member(from, "url", 2048);
  if (!url)
    return url.failure();
  if (auto allowed = options.check_url(*url); !allowed) {
    auto why = allowed.failure();
    why.pointer = "/url";
    return why;
  }
  if (auto good = check_events(from); !good)
    return good.failure();
  json::object settings{{"url", *url}, {"events", from.at("events")}};
  if (const auto* filter = from.if_contains("filter")) {
    engine::condition_options strict;
    strict.strict_roots = true;
    if (auto rule = engine::condition::compile(*filter, strict, "/filter");
        !rule)
      return rule.failure();
    settings["filter"] = *filter;
  }
  if (const auto* description = from.if_contains("description"))
    settings["description"] = *description;
  auto secret = options.make_secret();
  if (!secret)
    return secret.failure();
  const auto* status = from.if_contains("status");
  const auto paused = status != nullptr && status->is_string()
                      && status->get_string() == "paused";
  if (status != nullptr && !paused
      && (!status->is_string() || status->get_string() != "active"))
    return invalid("field_type_mismatch",
                   "`status` is \"active\" or \"paused\"", "/status");
  persistence::destination_row row;
  row.text_id = options.make_id("whe_");
  row.workspace = wish.workspace;
  row.kind = destination_kind::webhook;
  row.status = paused ? definition_status::paused : definition_status::active;
  row.settings = engine::to_json(settings);
  row.secret = *secret;
  settings["status"] = paused ? "paused" : "active";
  settings["signing_secret"] = *secret;
  return wished_row{std::move(row), std::move(settings)};
}

result<wished_row> channel_row_of(const messages::definition_change& wish,
                                  const definitions_options& options) {
  const auto& from = wish.body.get_object();
  const auto key = text_member(from, "key", 64);
  if (!key)
    return key.failure();
  const auto type = text_member(from, "type", 16);
  if (!type)
    return type.failure();
  if (*type != "http" && *type != "capture")
    return invalid("field_type_mismatch", "`type` is \"http\" or \"capture\"",
                   "/type");
  if (channels_of(options, wish.workspace).contains(*key))
    return engine::error{engine::errc::conflict, "channel_exists",
                         "there is a channel with this key", "/key"};
  json::object settings;
  if (*type == "http") {
    const auto url = text_member(from, "url", 2048);
    if (!url)
      return url.failure();
    if (auto allowed = options.check_url(*url); !allowed) {
      auto why = allowed.failure();
      why.pointer = "/url";
      return why;
    }
    for (const std::string_view name : {"url", "method", "headers", "body"})
      if (const auto* part = from.if_contains(name))
        settings[name] = *part;
    if (auto made = engine::template_json::compile(settings); !made)
      return made.failure();
  }
  persistence::destination_row row;
  row.text_id = options.make_id("cha_");
  row.workspace = wish.workspace;
  row.kind
    = *type == "http" ? destination_kind::http : destination_kind::capture;
  row.key = *key;
  row.status = definition_status::active;
  row.settings = engine::to_json(settings);
  settings["key"] = *key;
  settings["type"] = *type;
  return wished_row{std::move(row), std::move(settings)};
}

// Never what may hold a secret, as a URL or a channel's headers can.
result<wished_rows> noted(std::string action, result<wished_row> made,
                          std::initializer_list<std::string_view> told) {
  if (!made)
    return made.failure();
  wished_rows out;
  out.note.action = std::move(action);
  json::object details;
  for (const auto name : told)
    if (const auto* value = made->shown.if_contains(name))
      details[name] = *value;
  out.note.details = engine::to_json(details);
  out.rows.emplace_back(std::move(made->row));
  out.shown = std::move(made->shown);
  return out;
}

result<wished_rows> unnoted_rows_of(const messages::definition_change& wish,
                                    const definitions_options& options) {
  using kind = messages::definition_change::kind;
  switch (wish.what) {
    case kind::sequence:
      return noted("sequence.saved", sequence_row_of(wish, options),
                   {"key", "status"});
    case kind::webhook:
      return noted("webhook.created", webhook_row_of(wish, options),
                   {"events", "status"});
    case kind::channel:
      return noted("channel.created", channel_row_of(wish, options),
                   {"key", "type"});
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

} // namespace

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

result<wished_rows> rows_of(const messages::definition_change& wish,
                            const definitions_options& options) {
  using kind = messages::definition_change::kind;
  if (wish.what != kind::revoked_key && !wish.body.is_object())
    return invalid("field_type_mismatch", "send a JSON object", "");
  const auto adds_destinations = wish.what == kind::webhook
                                 || wish.what == kind::channel
                                 || wish.what == kind::workspace;
  if (adds_destinations
      && options.destinations->get()->entries.size() + added_at_once
           > destinations_max)
    return engine::error{engine::errc::conflict,
                         "destinations_limit",
                         "this installation has as many endpoints and channels "
                         "as it can",
                         {}};
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
  }
}

} // namespace troupe::actors
