// Look-ups for documents and lists of definitions.
#include "actors/event_type_rows.hpp"
#include "actors/reader.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

// Turns of a workspace that a funnel is counted over, the newest.
constexpr std::size_t funnel_turns_max = 50'000;
constexpr std::size_t funnel_events_at_once = 1'000;

messages::definition_found failed(const engine::error& why) {
  messages::definition_found found;
  found.failure = why;
  return found;
}

} // namespace

messages::definition_found
reader_actor_state::look_up(const messages::definition_lookup& asked) {
  return std::visit(
    [this, &asked](const auto& what) {
      if constexpr (requires { this->look_up(what, asked.workspace); })
        return look_up(what, asked.workspace);
      else
        return look_up(what);
    },
    asked.what);
}

messages::definition_found
reader_actor_state::look_up(const messages::version_lookup& what) {
  auto definition = store->definition(what.sequence, what.version);
  if (!definition)
    return failed(definition.failure());
  messages::definition_found found;
  found.definition = std::move(*definition);
  if (!what.with_runs)
    return found;
  auto resting = store->live_runs(what.sequence);
  if (!resting)
    return failed(resting.failure());
  for (auto& each : *resting)
    found.resting.push_back({each.version, std::move(each.node), each.runs});
  return found;
}

messages::definition_found
reader_actor_state::look_up(const messages::run_lookup& what) {
  persistence::run_query query;
  query.sequence = what.sequence;
  query.status = what.status;
  query.before = what.before;
  query.before_ordinal = what.before_ordinal;
  query.limit = what.limit;
  auto page = store->runs(query);
  if (!page)
    return failed(page.failure());
  messages::definition_found found;
  found.has_more = page->has_more;
  found.next = page->next;
  found.next_ordinal = page->next_ordinal;
  for (auto& run : page->runs) {
    auto started = store->turn_at(run.started_turn);
    if (!started) {
      if (started.failure().code == engine::errc::not_found)
        continue; // it began before what is kept
      return failed(started.failure());
    }
    found.runs.push_back({run.contact, run.version, run.status,
                          std::move(run.node), run.entered_at, run.wake_at,
                          run.ordinal, std::move(*started)});
  }
  return found;
}

messages::definition_found
reader_actor_state::look_up(const messages::health_lookup& what) {
  const auto rows = store->health(what.endpoints);
  if (!rows)
    return failed(rows.failure());
  messages::definition_found found;
  for (const auto& each : *rows)
    found.health.push_back(
      {each.destination, each.last_at, each.last_status, each.failures});
  return found;
}

messages::definition_found
reader_actor_state::look_up(const messages::event_type_lookup& what,
                            engine::workspace_id workspace) {
  persistence::event_type_query query;
  query.workspace = workspace;
  query.name = what.name;
  if (what.state)
    query.status = status_of(*what.state);
  query.after = what.after;
  query.limit = what.limit + 1;
  auto rows = store->event_types(query);
  if (!rows)
    return failed(rows.failure());
  messages::definition_found found;
  found.has_more = rows->size() > what.limit;
  rows->resize(std::min(rows->size(), what.limit));
  for (auto& each : *rows)
    found.event_types.push_back(
      {each.id, std::move(each.name), state_of_event_type(each.status),
       std::move(each.description), std::move(each.schema), each.created_at,
       each.updated_at});
  return found;
}

engine::status reader_actor_state::add_events(
  std::vector<engine::funnel_event>& events, survivor_map& survivors,
  const persistence::turn_page& page, const engine::event_names& names) {
  for (const auto& turn : page.turns) {
    const auto [at, is_new] = survivors.try_emplace(turn.contact);
    if (is_new) {
      const auto survivor = survivor_of(turn.contact);
      if (!survivor)
        return survivor.failure();
      at->second = *survivor;
    }
    events.push_back(
      {at->second, turn.stamp.at, names.current(turn.event->type)});
  }
  return engine::success();
}

messages::definition_found
reader_actor_state::look_up(const messages::funnel_lookup& what,
                            engine::workspace_id workspace) {
  persistence::event_query query;
  query.workspace = workspace;
  auto counted = what.what;
  for (auto& step : counted.steps) {
    step = what.names.current(step);
    for (auto& each : what.names.all(step))
      query.types.push_back(std::move(each));
  }
  query.since = what.since;
  query.until = what.until;
  query.limit = funnel_events_at_once;
  std::vector<engine::funnel_event> events;
  survivor_map survivors;
  messages::definition_found found;
  for (auto left = funnel_turns_max; left > 0;) {
    query.scanned_max = left;
    const auto page = store->events(query);
    if (!page)
      return failed(page.failure());
    if (auto good = add_events(events, survivors, *page, what.names); !good)
      return failed(good.failure());
    found.has_more = page->has_more;
    if (!page->has_more || page->turns.size() < query.limit)
      break;
    query.before = page->turns.back().stamp.turn;
    const auto seen = engine::number(page->turns.front().stamp.turn)
                      - engine::number(query.before) + 1;
    left -= std::min<std::size_t>(left, seen);
  }
  found.reached = engine::reached(counted, std::move(events));
  return found;
}

} // namespace troupe::actors
