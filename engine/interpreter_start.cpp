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

std::string_view name_of(re_entry_rule::kind how) {
  switch (how) {
    case re_entry_rule::kind::never:
      return "never";
    case re_entry_rule::kind::after_exit:
      return "after_exit";
    case re_entry_rule::kind::after:
      return "after";
    case re_entry_rule::kind::always:
      return "always";
    case re_entry_rule::kind::per_key:
      return "per_key";
  }
  return "unknown";
}

} // namespace

// Whether the turn's event is young enough to start a run.
bool interpreter::is_fresh(const published_sequence& sequence) {
  const auto& oldest = sequence.definition->max_event_age;
  const auto& occurred = out_.event->occurred_at;
  if (!oldest || !occurred)
    return true;
  const auto fresh = out_.stamp.at - *occurred <= *oldest;
  note(rule::max_event_age, fresh, sequence.id, 0,
       check_inputs{}
         .add("occurred_at", *occurred)
         .add("oldest", out_.stamp.at - *oldest)
         .take());
  return fresh;
}

bool interpreter::admits(const published_sequence& sequence,
                         const std::string& key) {
  const auto& definition = *sequence.definition;
  if (definition.filter
      && !ask(rule::filter, *definition.filter, sequence.id, 0, {}))
    return false;
  if (state_.runs->size() >= live_runs_max) {
    note(rule::runs_limit, false, sequence.id, 0,
         check_inputs{}.add("live_runs", state_.runs->size()).take());
    return false;
  }
  return may_enter(sequence, key)
         && (!definition.cooldown || is_cool(sequence));
}

bool interpreter::may_enter(const published_sequence& sequence,
                            const std::string& key) {
  const auto live = std::count_if(state_.runs->begin(), state_.runs->end(),
                                  [&](const auto& held) {
                                    return held->sequence == sequence.id;
                                  });
  const auto& entries = *state_.entries;
  const auto last
    = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
        return entry.sequence == sequence.id && entry.re_entry_key == key;
      });
  const auto entered = last != entries.end();
  const auto& again = sequence.definition->re_entry;
  auto allowed = true;
  check_inputs about;
  about.add("rule", name_of(again.how));
  switch (again.how) {
    case re_entry_rule::kind::always:
      break;
    case re_entry_rule::kind::never:
      allowed = !entered;
      break;
    case re_entry_rule::kind::per_key:
      allowed = !entered;
      about.add("key", key);
      break;
    case re_entry_rule::kind::after_exit:
      allowed = live == 0;
      break;
    case re_entry_rule::kind::after: {
      const auto ends = entered ? last->last_started + again.span : timestamp{};
      allowed = live == 0 && out_.stamp.at >= ends;
      if (entered)
        about.add("ends_at", ends);
      break;
    }
  }
  about.add("live_runs", static_cast<std::uint64_t>(live));
  if (entered)
    about.add("last_started_at", last->last_started);
  note(rule::re_entry, allowed, sequence.id, 0, about.take());
  return allowed;
}

bool interpreter::is_cool(const published_sequence& sequence) {
  timestamp ended{}; // of its runs, the last
  for (const auto& entry : *state_.entries)
    if (entry.sequence == sequence.id)
      ended = std::max(ended, entry.last_ended);
  const auto ends = ended + *sequence.definition->cooldown;
  const auto cool = ended == timestamp{} || out_.stamp.at >= ends;
  note(
    rule::cooldown, cool, sequence.id, 0,
    cool
      ? std::string{}
      : check_inputs{}.add("last_ended_at", ended).add("ends_at", ends).take());
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
      note(rule::paused, false, id, 0,
           check_inputs{}.add("held", "sequence").take());
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
