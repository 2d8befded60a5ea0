// What an operator does to runs: the same moves as an event's, with another
// cause.
#include "engine/definition_reader.hpp"
#include "engine/interpreter.hpp"
#include "engine/intervention.hpp"

namespace troupe::engine {

namespace {

node_index asked_for(const intervention& what, const run& live,
                     const published_sequence& pinned) {
  const auto& definition = *pinned.definition;
  if (what.what == intervention_kind::transition)
    return definition.find(what.node);
  const auto here = definition.find(live.node);
  return what.what == intervention_kind::skip ? way_past(definition.nodes[here])
                                              : here;
}

} // namespace

// A sequence can ask that what came due in a pause is not sent.
void interpreter::keep_overdue(const run& late) {
  const auto* pinned = with_.find(late.sequence, late.version);
  if (pinned != nullptr
      && pinned->definition->on_resume == resume_rule::skip_overdue
      && !state_.is_overdue(late.number))
    record(run_overdue{late.number});
}

// @pre check_intervention(state, what, definitions) holds
void interpreter::intervene(const intervention& what) {
  if (what.what == intervention_kind::enrol) {
    start(*with_.starting(what.sequence), "operator", what.vars);
    start_asked();
    return;
  }
  const auto live = *run_of(state_, what); // stays while the run moves
  switch (what.what) {
    case intervention_kind::transition:
    case intervention_kind::skip:
    case intervention_kind::retry: {
      const auto& pinned = *with_.find(live.sequence, live.version);
      leave(live.number);
      go(live.number, pinned, {asked_for(what, live, pinned), "operator"});
      start_asked();
      break;
    }
    case intervention_kind::pause:
      leave(live.number);
      record(run_paused{live.number});
      break;
    case intervention_kind::resume:
      record(run_resumed{live.number});
      // A wait that ended meanwhile ends now.
      if (live.wake_at && *live.wake_at <= out_.stamp.at)
        keep_overdue(live);
      if (live.wake_at)
        out_.timers_set.push_back({*live.wake_at, live.number, live.visit});
      break;
    case intervention_kind::exit:
      if (!state_.is_paused(live.number))
        leave(live.number);
      end(live.number, run_status::exited, "operator");
      break;
    case intervention_kind::enrol:
    case intervention_kind::write: // no run's
    case intervention_kind::review:
      break;
  }
}

} // namespace troupe::engine
