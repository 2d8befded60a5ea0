#include "actors/catalog_builder.hpp"

#include "actors/automation_rows.hpp"
#include "actors/definition_rows.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using persistence::definition_status;
using persistence::destination_kind;

json::value parse(const std::string& text) {
  json::error_code failure;
  return json::parse(text, failure);
}

engine::webhook_subscription
subscription_of(const persistence::destination_row& row) {
  engine::webhook_subscription out;
  out.endpoint = row.id;
  const auto settings = parse(row.settings);
  if (!settings.is_object())
    return out;
  if (const auto* events = settings.get_object().if_contains("events");
      events != nullptr && events->is_array())
    for (const auto& event : events->get_array())
      if (event.is_string())
        out.events.emplace_back(std::string{event.get_string()});
  if (const auto* filter = settings.get_object().if_contains("filter"))
    if (auto rule = engine::condition::compile(*filter))
      out.filter = std::move(*rule);
  return out;
}

messages::endpoint_state state_of(definition_status status) {
  switch (status) {
    case definition_status::paused:
      return messages::endpoint_state::paused;
    case definition_status::disabled:
      return messages::endpoint_state::disabled;
    case definition_status::archived:
      return messages::endpoint_state::archived;
    case definition_status::draft:
    case definition_status::active:
    case definition_status::discovered:
      break;
  }
  return messages::endpoint_state::active;
}

std::string_view type_of(destination_kind kind) {
  switch (kind) {
    case destination_kind::smtp:
      return "smtp";
    case destination_kind::http:
      return "http";
    case destination_kind::nudge:
      return "nudge";
    case destination_kind::webhook:
    case destination_kind::capture:
    case destination_kind::step:
      break;
  }
  return "capture";
}

engine::duration nudge_life_of(const persistence::destination_row& row) {
  const auto settings = parse(row.settings);
  const auto* life = settings.is_object()
                       ? settings.get_object().if_contains("expires_in")
                       : nullptr;
  const auto span = life != nullptr && life->is_string()
                      ? engine::parse_duration(life->get_string())
                      : std::nullopt;
  return span.value_or(engine::nudge_life);
}

messages::endpoint_entry entry_of(const persistence::destination_row& row) {
  messages::endpoint_entry entry;
  entry.id = row.id;
  entry.text_id = row.text_id;
  entry.is_webhook = row.kind == destination_kind::webhook;
  entry.key = row.key;
  entry.type = type_of(row.kind);
  entry.state = state_of(row.status);
  if (auto settings = parse(row.settings); settings.is_object())
    entry.settings = std::move(settings.get_object());
  entry.created_at = row.created_at;
  entry.previous_until = row.previous_until;
  return entry;
}

} // namespace

void catalog_builder::build(const rows_loaded& rows) {
  catalog = std::make_shared<messages::catalog>();
  destinations = std::make_shared<destination_table>();
  channels_.clear();
  definitions_.clear();
  broken.clear();
  starting_.clear();
  for (const auto& row : rows.sequences)
    if (row.status == definition_status::active && !row.archived)
      starting_[row.id] = std::max(starting_[row.id], row.version);
  catalog->generation = ++version_;
  catalog->newest_job = rows.newest_job;
  limits_.clear();
  names_.clear();
  for (const auto& row : rows.workspaces)
    add_workspace(row);
  for (const auto& row : rows.keys)
    add_key(row);
  for (const auto& row : rows.event_types)
    add_event_type(row);
  for (auto& [id, names] : names_)
    definitions_[id]->set_names(std::move(names));
  for (const auto& row : rows.destinations)
    add_destination(row);
  for (const auto& row : rows.sequences)
    add_sequence(row);
  for (const auto& row : rows.templates)
    add_template(row);
  for (const auto& row : rows.segments)
    add_segment(row);
  for (auto& [id, made] : definitions_)
    publish_segments(id);
  for (const auto& row : rows.named)
    add_named(row);
  for (auto& [id, made] : definitions_)
    catalog->workspaces[id].definitions = made;
}

void catalog_builder::add_workspace(const persistence::workspace_row& row) {
  auto& entry = catalog->workspaces[row.id];
  entry.text_id = row.text_id;
  entry.name = row.name;
  entry.kind = row.kind;
  entry.created_at = row.created_at;
  if (auto settings = parse(row.settings); settings.is_object())
    entry.settings = std::move(settings.get_object());
  if (const auto* wish = entry.settings.if_contains("pii");
      wish != nullptr && wish->is_string())
    entry.pii = engine::find_word(engine::pii_rule_names,
                                  std::string_view{wish->get_string()})
                  .value_or(engine::pii_rule::lint);
  if (const auto* wish = entry.settings.if_contains("naming");
      wish != nullptr && wish->is_string())
    entry.naming = engine::find_word(engine::naming_rule_names,
                                     std::string_view{wish->get_string()})
                     .value_or(engine::naming_rule::lint);
  if (const auto* wish = entry.settings.if_contains("catalog"))
    entry.is_closed = *wish == "closed";
  if (const auto* wish = entry.settings.if_contains("erased_contacts"))
    entry.takes_erased_back = *wish != "refuse";
  if (const auto* wish = entry.settings.if_contains("rate_limits"))
    if (const auto limits = engine::parse_rate_limits(*wish, {});
        limits && *limits)
      limits_[row.id] = std::make_shared<const engine::rate_limits>(**limits);
  if (row.kind == engine::workspace_kind::test) {
    auto& clock = clocks_[row.id];
    if (!clock)
      clock = std::make_shared<messages::test_clock>(
        row.test_now.value_or(row.created_at));
    entry.clock = clock;
    catalog->has_tests = true;
  }
  auto& made = definitions_[row.id];
  made = std::make_shared<engine::definitions>(version_);
  if (const auto* wish = entry.settings.if_contains("sessions"))
    if (const auto policy = engine::parse_sessions(*wish, {}))
      made->set_sessions(*policy);
  if (const auto* name = entry.settings.if_contains("timezone");
      name != nullptr && name->is_string())
    if (const auto zone
        = engine::local_zone::find(std::string_view{name->get_string()}))
      made->set_zone(*zone);
}

void catalog_builder::add_key(const persistence::key_row& row) {
  auto& entry = catalog->keys[row.hash];
  entry.workspace = row.workspace;
  entry.prefix = row.prefix;
  entry.scopes = row.scopes;
  entry.revoked = row.revoked;
  entry.kind = row.kind;
  entry.number = row.id;
  entry.text_id = row.text_id;
  entry.name = row.name;
  entry.created_at = row.created_at;
  if (row.kind != engine::key_kind::test)
    if (const auto found = limits_.find(row.workspace); found != limits_.end())
      entry.limits = found->second;
  auto& used = last_used_[row.id];
  if (!used)
    used = std::make_shared<std::atomic<std::int64_t>>(0);
  entry.last_used_hour = used;
}

void catalog_builder::add_destination(const persistence::destination_row& row) {
  auto& with = *definitions_[row.workspace];
  const auto& of = catalog->workspaces[row.workspace];
  destinations->entries.push_back({row, of.text_id, of.clock});
  if (row.kind != destination_kind::step)
    catalog->workspaces[row.workspace].endpoints[row.id] = entry_of(row);
  if (row.status == definition_status::archived)
    return;
  switch (row.kind) {
    case destination_kind::webhook:
      // A paused or disabled endpoint still matches: its delivery is held.
      with.add(subscription_of(row));
      break;
    case destination_kind::capture:
    case destination_kind::http:
    case destination_kind::smtp:
      with.add_channel(row.key, row.id);
      channels_[row.workspace].insert(row.key);
      break;
    case destination_kind::nudge:
      with.add_nudge_channel(row.key, row.id, nudge_life_of(row));
      channels_[row.workspace].insert(row.key);
      break;
    case destination_kind::step:
      with.set_steps(row.id);
      break;
  }
}

void catalog_builder::add_sequence(const persistence::sequence_row& row) {
  auto& compiled = compiled_[{row.id, row.version}];
  if (!compiled) {
    auto parsed
      = engine::parse_sequence(parse(row.definition), channels_[row.workspace]);
    if (parsed)
      compiled = *parsed;
    else
      broken.push_back(row.text_id + ": " + parsed.failure().message);
  }
  const auto published = row.status != definition_status::draft;
  auto& of = catalog->workspaces[row.workspace];
  auto& entry = of.sequences[row.id];
  entry.id = row.id;
  entry.text_id = row.text_id;
  entry.key = row.key;
  entry.paused = row.paused;
  entry.archived = row.archived;
  entry.created_at = row.first_created_at;
  entry.updated_at = row.updated_at;
  auto& with = *definitions_[row.workspace];
  const auto heard = with.names().widened(compiled);
  entry.versions.push_back(
    {row.version, published, row.created_at, row.published_at, heard});
  if (!published || !heard)
    return;
  const auto starting = starting_.find(row.id);
  const auto starts
    = starting != starting_.end() && starting->second == row.version;
  if (starts)
    entry.active = row.version;
  with.add(
    engine::published_sequence{row.id, row.version, starts, heard, row.paused});
  of.sequence_keys[row.id] = row.key;
}

void catalog_builder::add_template(const persistence::template_row& row) {
  auto& entry = catalog->workspaces[row.workspace].templates[row.id];
  entry.text_id = row.text_id;
  entry.key = row.key;
  entry.channel = row.channel;
  entry.archived = row.archived;
  entry.created_at = row.created_at;
  entry.updated_at = row.updated_at;
  for (const auto& each : row.versions)
    entry.versions.push_back({each.number, each.created_at});
  if (auto parts = parse(row.parts); parts.is_object())
    entry.parts = std::move(parts.get_object());
  auto& compiled = templates_[{row.id, row.version}];
  if (!compiled) {
    auto made = engine::message_template::compile(entry.parts, {});
    if (made)
      compiled = std::make_shared<const engine::published_template>(
        engine::published_template{row.key, row.version, std::move(*made)});
    else
      broken.push_back(row.text_id + ": " + made.failure().message);
  }
  entry.compiled = compiled;
  // Runs may be in a version of a sequence that is not looked at when a
  // template is archived: what it says stays.
  if (compiled)
    definitions_[row.workspace]->add(compiled);
}

void catalog_builder::add_segment(const persistence::segment_row& row) {
  auto& entry
    = catalog->workspaces[row.workspace].segments[engine::number(row.id)];
  entry.id = row.id;
  entry.text_id = row.text_id;
  entry.key = row.key;
  entry.name = row.name;
  entry.description = row.description;
  entry.condition = parse(row.condition);
  entry.version = row.version;
  entry.archived = row.archived;
  entry.created_at = row.created_at;
  entry.updated_at = row.updated_at;
  const std::pair version{row.id, row.version};
  if (!conditions_.contains(version)) {
    auto made = engine::compile_segment(entry.condition, "/condition");
    if (made)
      conditions_.emplace(version, std::move(*made));
    else
      broken.push_back(row.text_id + ": " + made.failure().message);
  }
  if (const auto found = conditions_.find(version); found != conditions_.end())
    entry.compiled = found->second;
}

// Each after those it asks about. What a segment asks that is not there holds
// for nobody.
void catalog_builder::publish_segments(engine::workspace_id workspace) {
  std::vector<const messages::segment_entry*> waiting;
  for (const auto& [id, each] : catalog->workspaces[workspace].segments)
    if (!each.archived && each.compiled)
      waiting.push_back(&each);
  const auto asks_waiting = [&waiting](const messages::segment_entry* each) {
    const auto& others = each->compiled->segments();
    return std::any_of(waiting.begin(), waiting.end(), [&](const auto* other) {
      return std::find(others.begin(), others.end(), other->key)
             != others.end();
    });
  };
  while (!waiting.empty()) {
    auto next = std::find_if_not(waiting.begin(), waiting.end(), asks_waiting);
    if (next == waiting.end())
      next = waiting.begin();
    const auto& each = **next;
    definitions_[workspace]->add(engine::published_segment{
      each.id, each.version, each.key, each.name, *each.compiled});
    waiting.erase(next);
  }
}

void catalog_builder::add_named(const persistence::named_row& row) {
  const auto parsed = parse(row.body);
  const auto* body = parsed.if_object();
  if (body == nullptr) {
    broken.push_back(row.text_id + ": it is no object");
    return;
  }
  auto& of = catalog->workspaces[row.workspace];
  if (row.kind == persistence::named_kind::automation) {
    of.automations[row.id] = automation_of(row, *body);
    return;
  }
  const auto text = [body](std::string_view name) {
    const auto* found = body->if_contains(name);
    return found != nullptr && found->is_string()
             ? std::string{found->get_string()}
             : std::string{};
  };
  std::vector<std::string> steps;
  if (const auto* given = body->if_contains("steps");
      given != nullptr && given->is_array())
    for (const auto& step : given->get_array())
      if (step.is_string())
        steps.emplace_back(step.get_string());
  if (row.kind == persistence::named_kind::checklist) {
    of.checklists[row.id] = {row.text_id, row.key,        text("name"),
                             steps,       row.created_at, row.updated_at};
    std::sort(steps.begin(), steps.end());
    definitions_[row.workspace]->add_checklist(row.key, std::move(steps));
    return;
  }
  of.funnels[row.id] = {
    row.text_id,    row.key,
    text("name"),   {std::move(steps), engine::parse_duration(text("within"))},
    text("within"), row.created_at,
    row.updated_at};
}

} // namespace troupe::actors
