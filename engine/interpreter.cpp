// What an event and a timer do to runs: which advance, which start.
#include "engine/interpreter.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

const sequence_node* node_of(const run& current,
                             const published_sequence& pinned) {
  const auto index = pinned.definition->find(current.node);
  return index == no_node ? nullptr : &pinned.definition->nodes[index];
}

} // namespace

interpreter::interpreter(contact_state state, const definitions& with,
                         turn& out, const boost::json::object* properties,
                         const std::vector<past_event>* history)
  : state_(std::move(state)),
    with_(with),
    out_(out),
    history_(history),
    scope_(state_, out.event ? &*out.event : nullptr, properties, out.stamp.at,
           &with) {}

void interpreter::record(change what) {
  apply_change(state_, what, out_.stamp);
  scope_.contact_changed();
  out_.changes.push_back(std::move(what));
}

void interpreter::note(rule asked, bool passed, sequence_id sequence,
                       std::uint32_t run, std::string inputs) {
  out_.trace.push_back({asked, passed, sequence, run, std::move(inputs)});
}

void interpreter::see_event(bool starts_runs) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(state_.runs->size());
  for (const auto& live : *state_.runs)
    numbers.push_back(live->number);
  for (const auto number : numbers) {
    step_run(number);
    if (wanted_)
      return;
  }
  if (starts_runs)
    start_triggered();
  start_asked();
}

void interpreter::start_triggered() {
  std::vector<sequence_id> tried; // two triggers of a sequence start one run
  with_.triggers().each(out_.event->type, [&](const auto& trigger) {
    const auto& sequence = *trigger.sequence;
    if (wanted_
        || std::find(tried.begin(), tried.end(), sequence.id) != tried.end())
      return;
    scope_.set_run(nullptr);
    const auto& clause = sequence.definition->triggers[trigger.clause];
    if (clause.where) {
      const auto holds = clause.where->holds(scope_);
      note(rule::trigger_where, holds, sequence.id, 0);
      if (!holds)
        return;
    }
    tried.push_back(sequence.id);
    if (sequence.paused) {
      note(rule::paused, false, sequence.id, 0);
      return;
    }
    if (is_fresh(sequence))
      start(sequence, "trigger:" + out_.event->type);
  });
}

void interpreter::step_run(std::uint32_t number) {
  if (state_.is_paused(number))
    return;
  const auto current = *state_.find_run(number); // stays while the run moves
  const auto* pinned = with_.find(current.sequence, current.version);
  const auto* node = pinned == nullptr ? nullptr : node_of(current, *pinned);
  if (node == nullptr)
    return; // its definition is not known here; it waits for one that is
  if (pinned->paused)
    return;
  scope_.set_run(&current);
  if (ends_by_event(current, *pinned)) {
    scope_.set_run(nullptr);
    return;
  }
  std::optional<edge> next;
  if (const auto* wait = std::get_if<wait_node>(&node->what))
    next = see_in_wait(current, *wait, current.sequence);
  else if (const auto* rest = std::get_if<state_node>(&node->what))
    next = see_in_state(current, *rest);
  if (next) {
    leave(number);
    go(number, *pinned, std::move(*next));
  }
  scope_.set_run(nullptr); // `current` ends here
}

bool interpreter::ends_by_event(const run& current,
                                const published_sequence& pinned) {
  const auto& definition = *pinned.definition;
  const auto& type = out_.event->type;
  // What reaches a goal is a success, also where it would end the run anyway.
  const auto reached = any_holds(definition.goals, rule::goal, current);
  if (!reached && !any_holds(definition.exit_when, rule::exit_when, current))
    return false;
  leave(current.number);
  if (reached)
    end(current.number, run_status::completed, "goal:" + type);
  else
    end(current.number, run_status::exited, "exit_when:" + type);
  return true;
}

bool interpreter::any_holds(const std::vector<event_clause>& clauses,
                            rule asked, const run& current) {
  for (const auto& clause : clauses) {
    if (!clause.event.matches(out_.event->type))
      continue;
    const auto holds = !clause.where || clause.where->holds(scope_);
    note(asked, holds, current.sequence, current.number);
    if (holds)
      return true;
  }
  return false;
}

bool interpreter::clause_holds(const event_clause& clause, sequence_id sequence,
                               std::uint32_t run) {
  if (!clause.event.matches(out_.event->type))
    return false;
  if (!clause.where)
    return true;
  const auto holds = clause.where->holds(scope_);
  note(rule::wait_where, holds, sequence, run);
  return holds;
}

std::optional<interpreter::edge>
interpreter::see_in_wait(const run& current, const wait_node& wait,
                         sequence_id sequence) {
  auto counts = current.counts;
  counts.resize(wait.clauses.size());
  for (std::size_t i = 0; i < wait.clauses.size(); ++i) {
    const auto& clause = wait.clauses[i];
    if (!clause_holds(clause, sequence, current.number))
      continue;
    counts[i] += 1;
    if (!wait.all && counts[i] >= clause.count)
      return edge{wait.after(clause), "event:" + out_.event->type};
    record(run_counted{current.number, static_cast<std::uint32_t>(i)});
  }
  if (!wait.all || wait.clauses.empty())
    return std::nullopt;
  for (std::size_t i = 0; i < wait.clauses.size(); ++i)
    if (counts[i] < wait.clauses[i].count)
      return std::nullopt;
  return edge{wait.then, "event:" + out_.event->type};
}

std::optional<interpreter::edge>
interpreter::see_in_state(const run& current, const state_node& rest) {
  for (const auto& clause : rest.on)
    if (clause_holds(clause, current.sequence, current.number))
      return edge{clause.then, "event:" + out_.event->type};
  return std::nullopt;
}

void interpreter::fire(const timer& what) {
  const auto current = *state_.find_run(what.run);
  const auto* pinned = with_.find(current.sequence, current.version);
  if (pinned != nullptr && pinned->paused) {
    note(rule::paused, false, current.sequence, current.number);
    keep_overdue(current);
    return;
  }
  const auto* node = pinned == nullptr ? nullptr : node_of(current, *pinned);
  // The timer's row is consumed by this turn: nothing to clear.
  const auto next = node == nullptr ? std::nullopt : when_due(*node, *pinned);
  if (!next) {
    end(what.run, run_status::failed, "definition_missing");
    return;
  }
  skips_sends_ = state_.is_overdue(what.run);
  go(what.run, *pinned, *next);
  skips_sends_ = false;
  start_asked();
}

// The way of a timer from the node that set it.
std::optional<interpreter::edge>
interpreter::when_due(const sequence_node& node,
                      const published_sequence& pinned) {
  if (std::holds_alternative<send_node>(node.what))
    return edge{pinned.definition->find(node.name), "quiet_hours"};
  const auto* wait = std::get_if<wait_node>(&node.what);
  if (wait == nullptr)
    return std::nullopt;
  return wait->timeout ? edge{wait->on_timeout, "timeout"}
                       : edge{wait->then, "then"};
}

void interpreter::leave(std::uint32_t number) {
  const auto* current = state_.find_run(number);
  if (current->wake_at)
    out_.timers_cleared.push_back({*current->wake_at, number, current->visit});
}

void interpreter::end(std::uint32_t number, run_status how,
                      std::string reason) {
  record(run_ended{number, how, std::move(reason)});
}

} // namespace troupe::engine
