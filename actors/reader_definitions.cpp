// Look-ups for documents and lists of definitions.
#include "actors/reader.hpp"

namespace troupe::actors {

namespace {

messages::definition_found failed(const engine::error& why) {
  messages::definition_found found;
  found.failure = why;
  return found;
}

} // namespace

messages::definition_found
reader_actor_state::look_up(const messages::definition_lookup& asked) {
  return std::visit(
    [this](const auto& what) {
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
    if (!started)
      return failed(started.failure());
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

} // namespace troupe::actors
