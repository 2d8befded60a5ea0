// Wishes about ready automations: they come to rows of the kinds that people
// make themselves, stored in one transaction.
#include "actors/automation_rows.hpp"

#include "actors/definition_rows.hpp"
#include "engine/access.hpp"
#include "engine/automation.hpp"
#include "engine/json_members.hpp"
#include "engine/json_text.hpp"
#include "engine/sequence_definition.hpp"
#include "messages/automations.hpp"

#include <algorithm>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::automation;
using engine::invalid;
using engine::result;
using engine::status;
using messages::definition_change;
using messages::workspace_catalog;
using persistence::definition_status;

/// What the rows of an automation are made of.
struct making {
  const definition_change& wish;
  const definitions_options& options;
  const workspace_catalog& of;
  const automation& what;
  json::object settings; // all of them
};

result<const automation*> named(const definition_change& wish) {
  const auto* found = engine::find_automation(wish.target);
  if (found == nullptr)
    return engine::error{
      engine::errc::not_found,
      "automation_not_found",
      "there is no such automation; `GET /v1/automations` lists them",
      {}};
  return found;
}

result<json::object> settings_given(const definition_change& wish) {
  const auto& from = wish.body.get_object();
  if (auto good = engine::check_members(from, {"settings"}); !good)
    return good.failure();
  const auto* given = from.if_contains("settings");
  if (given == nullptr || given->is_null())
    return json::object{};
  if (!given->is_object())
    return invalid("field_type_mismatch", "`settings` is an object",
                   "/settings");
  return given->get_object();
}

// A channel has secrets of its own: a person makes it.
status check_channels(const making& with) {
  const auto known = channels_of(with.options, with.wish.workspace);
  for (const auto& each :
       engine::things_named(with.what, with.settings, "channel"))
    if (!known.contains(each.key))
      return invalid(
        "unknown_channel",
        "there is no channel `" + each.key
          + "`: make one with `POST /v1/channels` and `\"type\": \""
          + each.channel_type + "\"`, or name another in this setting",
        "/settings/" + each.setting);
  return engine::success();
}

// The setting that is to name another template than one that is archived.
status check_templates(const making& with) {
  for (const auto& each :
       engine::things_named(with.what, with.settings, "template")) {
    const auto* held = messages::find_template(with.of, each.key);
    if (held != nullptr && held->archived)
      return engine::error{engine::errc::conflict, "template_archived",
                           "the template `" + each.key
                             + "` is archived: name another in this setting",
                           "/settings/" + each.setting};
  }
  return engine::success();
}

definition_change wish_for(const making& with, json::value body) {
  definition_change out;
  out.workspace = with.wish.workspace;
  out.body = std::move(body);
  return out;
}

void append(std::vector<persistence::any_row>& rows, wished_rows more) {
  for (auto& row : more.rows)
    rows.push_back(std::move(row));
}

// Those that are there stay as they are, a segment that was archived too: they
// are the workspace's own.
result<std::vector<persistence::any_row>>
needed_rows(const making& with, std::set<std::string>& templates,
            std::set<std::string>& segments) {
  std::vector<persistence::any_row> rows;
  std::set<std::string> used;
  for (const auto& each :
       engine::things_named(with.what, with.settings, "template"))
    used.insert(each.key);
  for (const auto& each :
       engine::parts_of(with.what, "templates", with.settings)) {
    const std::string key{each.at("key").as_string()};
    if (!used.contains(key) || !templates.insert(key).second)
      continue;
    auto made = new_template(wish_for(with, each), with.options);
    if (!made)
      return made.failure();
    append(rows, std::move(*made));
  }
  for (const auto& each :
       engine::parts_of(with.what, "segments", with.settings)) {
    const std::string key{each.at("key").as_string()};
    if (messages::find_segment(with.of, key) != nullptr)
      continue;
    segments.insert(key);
    auto made = new_segment(wish_for(with, each), with.options);
    if (!made)
      return made.failure();
    append(rows, std::move(*made));
  }
  return rows;
}

status check(const json::value& definition, const making& with,
             const std::set<std::string>& templates,
             const std::set<std::string>& segments) {
  const auto parsed = engine::parse_sequence(
    definition, channels_of(with.options, with.wish.workspace), &templates);
  if (!parsed)
    return parsed.failure();
  return engine::check_segments(**parsed, segments);
}

persistence::sequence_row published(const json::value& definition,
                                    const making& with) {
  persistence::sequence_row row;
  row.text_id = with.options.make_id("seq_");
  row.workspace = with.wish.workspace;
  row.key = definition.at("key").as_string();
  row.status = definition_status::active;
  row.definition = engine::to_json(definition);
  row.created_at = now_in(with.wish.workspace, with.options);
  row.first_created_at = row.created_at;
  row.updated_at = row.created_at;
  row.published_at = row.created_at;
  return row;
}

persistence::sequence_state_row state_row(const messages::sequence_entry& of,
                                          bool paused, bool archived,
                                          const definition_change& wish,
                                          const definitions_options& options) {
  return {of.id,  of.text_id, wish.workspace,
          paused, archived,   now_in(wish.workspace, options)};
}

persistence::named_row named_row(const automation& what, json::object body,
                                 const definition_change& wish,
                                 const definitions_options& options) {
  persistence::named_row row;
  row.text_id = options.make_id("aut_");
  row.workspace = wish.workspace;
  row.kind = persistence::named_kind::automation;
  row.key = what.key;
  row.body = engine::to_json(body);
  row.created_at = now_in(wish.workspace, options);
  row.updated_at = row.created_at;
  return row;
}

wished_rows noted(const automation& what, std::string action, bool enabled) {
  wished_rows out;
  out.shown = {{"key", what.key}, {"enabled", enabled}};
  out.note.action = std::move(action);
  out.note.details = engine::to_json(json::object{{"key", what.key}});
  return out;
}

json::object changed_settings(json::object held, const json::object& given) {
  for (const auto& each : given)
    held[each.key()] = each.value();
  return held;
}

result<wished_rows> made_of(const making& with, json::object given) {
  const auto sequences
    = engine::parts_of(with.what, "sequences", with.settings);
  const auto made = std::to_string(engine::fingerprint(json::value(sequences)));
  auto out = noted(with.what, "automation.enabled", true);
  const auto* held = messages::find_automation(with.of, with.what.key);
  const auto is_published
    = messages::is_enabled(with.of, with.what) && held->made == made;
  if (is_published && held->settings == given)
    return out;
  const auto keep_settings = [&] {
    out.rows.emplace_back(named_row(
      with.what,
      {{"enabled", true}, {"settings", std::move(given)}, {"made", made}},
      with.wish, with.options));
  };
  if (is_published) { // none of its sequences uses what was changed
    keep_settings();
    return out;
  }
  auto templates = templates_of(with.options, with.wish.workspace);
  auto segments = segments_of(with.options, with.wish.workspace);
  auto needed = needed_rows(with, templates, segments);
  if (!needed)
    return needed.failure();
  for (const auto& each : sequences) {
    if (auto good = check(each, with, templates, segments); !good)
      return good.failure();
    out.rows.emplace_back(published(each, with));
  }
  for (const auto* each : messages::sequences_of(with.of, with.what))
    if (each->archived || each->paused)
      out.rows.emplace_back(
        state_row(*each, false, false, with.wish, with.options));
  for (auto& row : *needed)
    out.rows.push_back(std::move(row));
  keep_settings();
  return out;
}

} // namespace

messages::automation_entry automation_of(const persistence::named_row& row,
                                         const json::object& body) {
  messages::automation_entry entry;
  entry.key = row.key;
  if (const auto* enabled = body.if_contains("enabled"))
    entry.enabled = enabled->is_bool() && enabled->get_bool();
  if (const auto* settings = body.if_contains("settings");
      settings != nullptr && settings->is_object())
    entry.settings = settings->get_object();
  if (const auto* made = body.if_contains("made");
      made != nullptr && made->is_string())
    entry.made = made->get_string();
  entry.created_at = row.created_at;
  entry.updated_at = row.updated_at;
  return entry;
}

result<wished_rows> enabled_automation(const definition_change& wish,
                                       const definitions_options& options) {
  const auto what = named(wish);
  if (!what)
    return what.failure();
  auto given = settings_given(wish);
  if (!given)
    return given.failure();
  const auto known = options.catalog->get();
  const auto& of = known->workspaces.at(wish.workspace);
  const auto* entry = messages::find_automation(of, wish.target);
  const auto held = entry == nullptr ? json::object{} : entry->settings;
  auto settings = engine::settle(**what, held, *given, "/settings");
  if (!settings)
    return settings.failure();
  const making with{wish, options, of, **what, std::move(*settings)};
  if (auto good = check_channels(with); !good)
    return good.failure();
  if (auto good = check_templates(with); !good)
    return good.failure();
  return made_of(with, changed_settings(held, *given));
}

result<wished_rows> disabled_automation(const definition_change& wish,
                                        const definitions_options& options) {
  const auto what = named(wish);
  if (!what)
    return what.failure();
  const auto known = options.catalog->get();
  const auto& of = known->workspaces.at(wish.workspace);
  auto out = noted(**what, "automation.disabled", false);
  const auto* entry = messages::find_automation(of, wish.target);
  if (entry == nullptr || !entry->enabled)
    return out;
  for (const auto* each : messages::sequences_of(of, **what))
    if (!each->archived)
      out.rows.emplace_back(
        state_row(*each, each->paused, true, wish, options));
  out.rows.emplace_back(named_row(
    **what,
    {{"enabled", false}, {"settings", entry->settings}, {"made", entry->made}},
    wish, options));
  return out;
}

} // namespace troupe::actors
