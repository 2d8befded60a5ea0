// What would let the next event through.
#include "engine/explain_parts.hpp"

#include <algorithm>

namespace troupe::engine {

namespace json = boost::json;

namespace {

std::optional<timestamp> time_in(const json::object& inputs,
                                 std::string_view name) {
  const auto* found = inputs.if_contains(name);
  return found != nullptr && found->is_string()
           ? parse_iso8601(std::string_view{found->get_string()})
           : std::nullopt;
}

// The events that a run waits for where it rests.
std::vector<std::string> awaited(const known_sequence& of, const past_run& by,
                                 std::string_view node) {
  const auto* version = of.find(by.version);
  if (version == nullptr || !version->definition)
    return {};
  const auto* clauses = clauses_at(*version->definition, node);
  return clauses == nullptr ? std::vector<std::string>{} : events_of(*clauses);
}

// A live run that is in the way: what lets it go on.
void unblock_re_entry(unblocking& hint, const explained_check& failed,
                      const known_sequence& of, const past_runs& after) {
  hint.at = time_in(failed.inputs, "ends_at");
  const auto* live = after.newest(of.id, true);
  if (live == nullptr)
    return;
  if (live->wake_at)
    hint.at = std::max(*live->wake_at, hint.at.value_or(*live->wake_at));
  hint.by_event = awaited(of, *live, live->node);
}

} // namespace

void unblock(explanation& about, const known_sequence& of,
             const past_runs& after, const std::string& type) {
  const auto& failed = about.checks[*about.first_failed];
  auto& hint = about.unblock;
  switch (*failed.asked) {
    case rule::trigger_where:
    case rule::filter:
    case rule::wait_where:
    case rule::goal:
    case rule::exit_when:
      hint.by_condition = failed.expr;
      if (hint.by_event.empty())
        hint.by_event = {type};
      break;
    case rule::re_entry:
      unblock_re_entry(hint, failed, of, after);
      break;
    case rule::cooldown:
    case rule::frequency_cap:
    case rule::quiet_hours:
      hint.at = time_in(failed.inputs, "ends_at");
      break;
    case rule::paused: {
      const auto* held = failed.inputs.if_contains("held");
      hint.by_operator
        = held != nullptr && *held == "run" ? "run.resume" : "sequence.resume";
      break;
    }
    case rule::wait_count:
      hint.by_event = awaited(of, *about.run, about.from_node);
      hint.at = about.run->wake_at;
      break;
    case rule::max_event_age:
    case rule::merge:
      hint.by_event = {type};
      break;
    default:
      break;
  }
}

} // namespace troupe::engine
