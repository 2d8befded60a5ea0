#include "actors/counters.hpp"

namespace troupe::actors {

void actor_counters::note(const persistence::turn_rows& turn) {
  raise(turns[static_cast<std::size_t>(turn.kind) % turn_kinds]);
  if (!turn.event_type.empty())
    raise(events);
  for (const auto& each : turn.runs) {
    if (each.is_new)
      raise(runs_started);
    if (!engine::is_live(each.status))
      raise(runs_ended[static_cast<std::size_t>(each.status) % run_statuses]);
  }
  if (turn.fired && turn.held_for == engine::sequence_id{}) {
    const std::chrono::duration<double> late = turn.at - turn.fired->due;
    timer_delay_seconds.Observe(late.count());
  }
}

} // namespace troupe::actors
