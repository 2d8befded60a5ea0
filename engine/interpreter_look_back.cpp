// Waits that ask for events of the past.
#include "engine/interpreter.hpp"

#include <algorithm>

namespace troupe::engine {

void history_request::add(const event_pattern& wanted) {
  const auto covers = [&](const event_pattern& held) {
    return held.text() == "*" || held.text() == wanted.text();
  };
  if (std::any_of(events.begin(), events.end(), covers))
    return;
  if (wanted.text() == "*")
    events.clear();
  events.push_back(wanted);
}

// A wait that looks back counts events of earlier turns; the turn's own event
// brought the run here and is not counted again.
std::optional<interpreter::edge>
interpreter::satisfied_by_past(std::uint32_t number, const wait_node& wait,
                               std::vector<std::uint32_t>& counts) {
  if (wait.back.how == look_back::reach::none)
    return std::nullopt;
  const auto current = *state_.find_run(number);
  const auto since = wait.back.how == look_back::reach::entry
                       ? current.started_at + duration{1}
                       : out_.stamp.at - wait.back.span;
  if (since >= out_.stamp.at)
    return std::nullopt;
  if (history_ == nullptr) {
    wanted_ = everything_to_look_back_for();
    return std::nullopt;
  }
  scope_.set_run(&current);
  std::optional<edge> next;
  for (const auto& past : *history_) {
    if (next || past.at < since)
      continue;
    scope_.set_past(&past);
    for (std::size_t i = 0; i < wait.clauses.size() && !next; ++i) {
      const auto& clause = wait.clauses[i];
      if (!clause.event.matches(past.type)
          || (clause.where && !clause.where->holds(scope_)))
        continue;
      counts[i] = std::min(counts[i] + 1, clause.count);
      if (!wait.all && counts[i] >= clause.count)
        next = edge{wait.after(clause), "past:" + past.type};
    }
  }
  scope_.set_past(nullptr);
  scope_.set_run(nullptr);
  const auto done = [&](std::size_t i) {
    return counts[i] >= wait.clauses[i].count;
  };
  auto all = wait.all && !wait.clauses.empty();
  for (std::size_t i = 0; i < counts.size() && all; ++i)
    all = done(i);
  if (all)
    next = edge{wait.then, "past"};
  return next;
}

// The answer to a request is for the whole turn, and one turn may reach several
// waits that look back: it asks for all of them at once.
history_request interpreter::everything_to_look_back_for(
  const published_sequence* starts) const {
  history_request out{out_.stamp.at, {}};
  std::vector<const published_sequence*> started; // by `start` nodes
  const auto look = [&](const published_sequence& in,
                        std::optional<timestamp> since_start) {
    for (const auto& node : in.definition->nodes) {
      if (const auto* start = std::get_if<start_node>(&node.what)) {
        const auto* next = with_.starting(start->sequence);
        if (next != nullptr
            && std::find(started.begin(), started.end(), next) == started.end())
          started.push_back(next);
        continue;
      }
      const auto* wait = std::get_if<wait_node>(&node.what);
      if (wait == nullptr || wait->back.how == look_back::reach::none)
        continue;
      auto since = out_.stamp.at - wait->back.span;
      if (wait->back.how == look_back::reach::entry)
        since = since_start.value_or(out_.stamp.at);
      out.since = std::min(out.since, since);
      for (const auto& clause : wait->clauses)
        out.add(clause.event);
    }
  };
  for (const auto& live : *state_.runs)
    if (const auto* pinned = with_.find(live->sequence, live->version))
      look(*pinned, live->started_at);
  if (out_.event)
    with_.triggers().each(out_.event->type, [&](const auto& trigger) {
      look(*trigger.sequence, std::nullopt);
    });
  if (starts != nullptr)
    started.push_back(starts);
  for (std::size_t i = 0; i < started.size(); ++i) // grows on the way
    look(*started[i], std::nullopt);
  return out;
}

} // namespace troupe::engine
