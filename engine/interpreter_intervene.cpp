// What an operator does to runs: the same moves as an event's, with another
// cause.
#include "engine/interpreter.hpp"
#include "engine/intervention.hpp"

namespace troupe::engine {

// @pre check_intervention(state, what, definitions) holds
void interpreter::intervene(const intervention& what) {
  if (what.what == intervention_kind::enrol) {
    start(*with_.starting(what.sequence), "operator", what.vars);
    start_asked();
    return;
  }
  const auto live = *run_of(state_, what); // stays while the run moves
  switch (what.what) {
    case intervention_kind::transition: {
      const auto& pinned = *with_.find(live.sequence, live.version);
      leave(live.number);
      go(live.number, pinned, {pinned.definition->find(what.node), "operator"});
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
      break;
  }
}

} // namespace troupe::engine
