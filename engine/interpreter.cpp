// What an event and a timer do to runs: which advance, which start.
#include "engine/interpreter.hpp"

#include "engine/system_events.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

const sequence_node* node_of(const run& current,
                             const published_sequence& pinned) {
  const auto index = pinned.definition->find(current.node);
  return index == no_node ? nullptr : &pinned.definition->nodes[index];
}

bool is_about(const std::vector<event_clause>& clauses,
              const std::string& type) {
  return std::any_of(clauses.begin(), clauses.end(), [&](const auto& each) {
    return each.event.matches(type);
  });
}

} // namespace

const std::vector<event_clause>* clauses_of(const sequence_node& node) {
  if (const auto* wait = std::get_if<wait_node>(&node.what))
    return &wait->clauses;
  if (const auto* rest = std::get_if<state_node>(&node.what))
    return &rest->on;
  return nullptr;
}

bool listens(const sequence_definition& definition, const sequence_node& node,
             const std::string& type) {
  const auto* here = clauses_of(node);
  const auto* call = std::get_if<http_node>(&node.what);
  if (call != nullptr && call->awaits && type == call_ended_event)
    return true;
  return (here != nullptr && is_about(*here, type))
         || is_about(definition.goals, type)
         || is_about(definition.exit_when, type);
}

interpreter::interpreter(contact_state state, const definitions& with,
                         turn& out, const boost::json::object* properties,
                         const std::vector<past_event>* history)
  : state_(std::move(state)),
    with_(with),
    out_(out),
    properties_(properties),
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

bool interpreter::ask(rule asked, const condition& what, sequence_id sequence,
                      std::uint32_t run, check_inputs about) {
  const auto holds = what.holds(scope_);
  note(asked, holds, sequence, run, about.add(what, scope_).take());
  return holds;
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
  else
    pass_triggers_by();
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
    const auto about = check_inputs{}.add("clause", trigger.clause);
    note(rule::trigger_type, true, sequence.id, 0,
         check_inputs{about}.add("version", sequence.version).take());
    if (clause.where
        && !ask(rule::trigger_where, *clause.where, sequence.id, 0, about))
      return;
    tried.push_back(sequence.id);
    if (sequence.paused) {
      note(rule::paused, false, sequence.id, 0,
           check_inputs{}.add("held", "sequence").take());
      return;
    }
    if (is_fresh(sequence))
      start(sequence, "trigger:" + out_.event->type,
            variables_ == nullptr ? boost::json::object{} : *variables_);
  });
}

// An event that made contacts one starts nothing.
void interpreter::pass_triggers_by() {
  std::vector<sequence_id> seen;
  with_.triggers().each(out_.event->type, [&](const auto& trigger) {
    const auto id = trigger.sequence->id;
    if (std::find(seen.begin(), seen.end(), id) != seen.end())
      return;
    seen.push_back(id);
    note(rule::merge, false, id, 0);
  });
}

// Noted for explain when the run would have listened.
bool interpreter::is_held(const run& current, const published_sequence& pinned,
                          const sequence_node& node) {
  const auto is_paused = state_.is_paused(current.number);
  if (!is_paused && !pinned.paused)
    return false;
  if (listens(*pinned.definition, node, out_.event->type))
    note(rule::paused, false, current.sequence, current.number,
         check_inputs{}.add("held", is_paused ? "run" : "sequence").take());
  return true;
}

void interpreter::step_run(std::uint32_t number) {
  const auto current = *state_.find_run(number); // stays while the run moves
  const auto* pinned = with_.find(current.sequence, current.version);
  const auto* node = pinned == nullptr ? nullptr : node_of(current, *pinned);
  if (node == nullptr)
    return; // its definition is not known here; it waits for one that is
  const auto* call = std::get_if<http_node>(&node->what);
  if (is_held(current, *pinned, *node)) {
    if (call != nullptr)
      keep_answer(current, *node);
    return;
  }
  scope_.set_run(&current);
  if (ends_by_event(current, *pinned)) {
    scope_.set_run(nullptr);
    return;
  }
  std::optional<edge> next;
  if (const auto* wait = std::get_if<wait_node>(&node->what))
    next = see_in_wait(current, *wait);
  else if (const auto* rest = std::get_if<state_node>(&node->what))
    next = see_in_state(current, *rest);
  else if (call != nullptr)
    next = see_answer(current, *call);
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
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    const auto& clause = clauses[i];
    if (!clause.event.matches(out_.event->type))
      continue;
    const auto about = check_inputs{}.add("clause", i);
    if (clause.where) {
      if (ask(asked, *clause.where, current.sequence, current.number, about))
        return true;
      continue;
    }
    note(asked, true, current.sequence, current.number,
         check_inputs{about}.take());
    return true;
  }
  return false;
}

bool interpreter::clause_holds(const event_clause& clause, std::size_t index,
                               const run& current) {
  if (!clause.event.matches(out_.event->type))
    return false;
  return !clause.where
         || ask(rule::wait_where, *clause.where, current.sequence,
                current.number,
                check_inputs{}.add("node", current.node).add("clause", index));
}

void interpreter::note_count(const run& current, check_inputs about,
                             std::uint32_t seen, std::uint32_t needed) {
  note(rule::wait_count, seen >= needed, current.sequence, current.number,
       about.add("node", current.node)
         .add("seen", seen)
         .add("needed", needed)
         .take());
}

std::optional<interpreter::edge>
interpreter::see_in_wait(const run& current, const wait_node& wait) {
  auto counts = current.counts;
  counts.resize(wait.clauses.size());
  auto counted = false;
  for (std::size_t i = 0; i < wait.clauses.size(); ++i) {
    const auto& clause = wait.clauses[i];
    if (!clause_holds(clause, i, current))
      continue;
    counts[i] += 1;
    if (!wait.all && counts[i] >= clause.count)
      return edge{wait.after(clause), "event:" + out_.event->type};
    record(run_counted{current.number, static_cast<std::uint32_t>(i)});
    counted = true;
    if (!wait.all)
      note_count(current, check_inputs{}.add("clause", i), counts[i],
                 clause.count);
  }
  if (!wait.all || wait.clauses.empty())
    return std::nullopt;
  std::uint32_t seen = 0;
  std::uint32_t needed = 0;
  for (std::size_t i = 0; i < wait.clauses.size(); ++i) {
    seen += std::min(counts[i], wait.clauses[i].count);
    needed += wait.clauses[i].count;
  }
  if (seen >= needed)
    return edge{wait.then, "event:" + out_.event->type};
  if (counted)
    note_count(current, {}, seen, needed);
  return std::nullopt;
}

std::optional<interpreter::edge>
interpreter::see_in_state(const run& current, const state_node& rest) {
  for (std::size_t i = 0; i < rest.on.size(); ++i)
    if (clause_holds(rest.on[i], i, current))
      return edge{rest.on[i].then, "event:" + out_.event->type};
  return std::nullopt;
}

void interpreter::fire(const timer& what) {
  const auto current = *state_.find_run(what.run);
  const auto* pinned = with_.find(current.sequence, current.version);
  if (pinned != nullptr && pinned->paused) {
    note(rule::paused, false, current.sequence, current.number,
         check_inputs{}.add("held", "sequence").take());
    keep_overdue(current);
    return;
  }
  const auto* node = pinned == nullptr ? nullptr : node_of(current, *pinned);
  // The timer's row is consumed by this turn: nothing to clear.
  const auto next
    = node == nullptr ? std::nullopt : when_due(current, *node, *pinned);
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
interpreter::when_due(const run& late, const sequence_node& node,
                      const published_sequence& pinned) {
  if (std::holds_alternative<send_node>(node.what))
    return edge{pinned.definition->find(node.name), "quiet_hours"};
  if (const auto* call = std::get_if<http_node>(&node.what))
    return after_rest(late, *call);
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
