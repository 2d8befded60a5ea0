// Which runs start: admission rules, and sequences that start others.
#include "engine/interpreter.hpp"
#include "engine/json_text.hpp"

#include <algorithm>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t vars_bytes_max = 4096;

std::string text_of(const boost::json::value& value) {
  return value.is_string() ? std::string{value.get_string()} : to_json(value);
}

} // namespace

// Whether the turn's event is young enough to start a run.
bool interpreter::is_fresh(const published_sequence& sequence) {
  const auto& oldest = sequence.definition->max_event_age;
  const auto& occurred = out_.event->occurred_at;
  if (!oldest || !occurred)
    return true;
  const auto fresh = out_.stamp.at - *occurred <= *oldest;
  note(rule::max_event_age, fresh, sequence.id, 0, to_iso8601(*occurred));
  return fresh;
}

bool interpreter::admits(const published_sequence& sequence,
                         const std::string& key) {
  const auto& definition = *sequence.definition;
  if (definition.filter) {
    const auto holds = definition.filter->holds(scope_);
    note(rule::filter, holds, sequence.id, 0);
    if (!holds)
      return false;
  }
  if (state_.runs->size() >= live_runs_max) {
    note(rule::runs_limit, false, sequence.id, 0);
    return false;
  }
  const auto live = std::any_of(state_.runs->begin(), state_.runs->end(),
                                [&](const auto& held) {
                                  return held->sequence == sequence.id;
                                });
  const auto& entries = *state_.entries;
  const auto last
    = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
        return entry.sequence == sequence.id && entry.re_entry_key == key;
      });
  const auto entered = last != entries.end();
  const auto& again = definition.re_entry;
  auto allowed = true;
  switch (again.how) {
    case re_entry_rule::kind::always:
      break;
    case re_entry_rule::kind::never:
    case re_entry_rule::kind::per_key:
      allowed = !entered;
      break;
    case re_entry_rule::kind::after_exit:
      allowed = !live;
      break;
    case re_entry_rule::kind::after:
      allowed
        = !live
          && (!entered || out_.stamp.at >= last->last_started + again.span);
      break;
  }
  note(rule::re_entry, allowed, sequence.id, 0,
       entered ? to_iso8601(last->last_started) : std::string{});
  if (!allowed || !definition.cooldown)
    return allowed;
  const auto ended = std::max_element(
    entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
      const auto of = [&](const auto& entry) {
        return entry.sequence == sequence.id ? entry.last_ended : timestamp{};
      };
      return of(a) < of(b);
    });
  const auto cool
    = ended == entries.end() || ended->sequence != sequence.id
      || ended->last_ended == timestamp{}
      || out_.stamp.at >= ended->last_ended + *definition.cooldown;
  note(rule::cooldown, cool, sequence.id, 0,
       cool ? std::string{} : to_iso8601(ended->last_ended));
  return cool;
}

void interpreter::start(const published_sequence& sequence, std::string why,
                        const boost::json::object& vars) {
  const auto& definition = *sequence.definition;
  std::string key;
  if (definition.re_entry.key)
    key = text_of(definition.re_entry.key->evaluate(scope_));
  if (!admits(sequence, key))
    return;
  run_started started;
  started.number = state_.runs_started + 1;
  started.ordinal = ++runs_started_;
  started.sequence = sequence.id;
  started.version = sequence.version;
  started.re_entry_key = std::move(key);
  for (const auto& [name, rule] : definition.vars)
    started.vars[name] = rule.evaluate(scope_);
  for (const auto& given : vars)
    started.vars[given.key()] = given.value();
  const auto number = started.number;
  record(std::move(started));
  go(number, sequence, {definition.entry, std::move(why)});
}

void interpreter::ask_start(std::uint32_t number, const start_node& what) {
  const auto& current = *state_.find_run(number);
  json::object vars;
  for (const auto& [name, value] : what.vars)
    vars[name] = value.evaluate(scope_);
  // Each run could else hand on twice what it was given.
  if (to_json(vars).size() > vars_bytes_max) {
    note(rule::start, false, current.sequence, number,
         "vars_too_large:" + what.sequence);
    return;
  }
  const auto* pinned = with_.find(current.sequence, current.version);
  asked_.push_back(
    {what.sequence, std::move(vars), pinned->definition->key, depth_ + 1});
}

void interpreter::start_asked() {
  for (; !asked_.empty() && !wanted_; asked_.pop_front()) {
    const auto wish = std::move(asked_.front());
    const auto* found = with_.starting(wish.sequence);
    const auto id = found == nullptr ? sequence_id{} : found->id;
    if (found != nullptr && found->paused) {
      note(rule::paused, false, id, 0);
      continue;
    }
    const auto loops = wish.depth > hops_max;
    note(rule::start, found != nullptr && !loops, id, 0,
         (loops              ? "loop_detected:"
          : found == nullptr ? "unknown:"
                             : "")
           + wish.sequence);
    if (found == nullptr || loops)
      continue;
    depth_ = wish.depth;
    start(*found, "start:" + wish.by, wish.vars);
  }
  depth_ = 0;
}

} // namespace troupe::engine
