// The rows of a turn that say where runs rest and when they wake.
#include "persistence/sqlite/writer.hpp"

namespace troupe::persistence::sqlite {

using engine::number;

namespace {

// Where the turn of the unit is that starts run `run`.
// @param at the position of `turn`
position started_at(const commit_unit& unit, const turn_rows& turn, position at,
                    std::uint32_t run) {
  const auto index = static_cast<std::size_t>(&turn - unit.turns.data());
  for (std::size_t i = 0; i < index; ++i)
    for (const auto& started : unit.turns[i].runs)
      if (started.is_new && started.number == run)
        return position{number(at) - (index - i)};
  return at;
}

} // namespace

bool writer::write_timers(const commit_unit& unit, const turn_rows& turn) {
  auto good = true;
  const auto clear = [&](const engine::timer& what) {
    good = good
           && sql_->delete_timer
                .bind(due_of(unit.workspace, what.due), number(unit.contact),
                      what.run, what.visit)
                .run();
  };
  if (turn.fired && turn.held_for != sequence_id{})
    good
      = sql_->hold_timer
          .bind(number(turn.held_for), due_of(unit.workspace, turn.fired->due),
                number(unit.contact), turn.fired->run, turn.fired->visit)
          .run();
  else if (turn.fired)
    clear(*turn.fired);
  for (const auto& what : turn.timers_cleared)
    clear(what);
  for (const auto& what : turn.timers_set)
    good = good
           && sql_->insert_timer
                .bind(due_of(unit.workspace, what.due), number(unit.contact),
                      what.run, what.visit, number(unit.workspace))
                .run();
  return good;
}

bool writer::write_runs(const commit_unit& unit, const turn_rows& turn,
                        position at) {
  for (const auto& run : turn.runs) {
    const auto status = static_cast<int>(run.status);
    auto& write = run.is_new ? sql_->insert_run : sql_->move_run;
    if (run.is_new) {
      write.bind(number(run.sequence), number(at), run.ordinal,
                 number(unit.contact), run.number, run.version);
    } else {
      write.bind(number(run.sequence),
                 number(run.started_turn == position{}
                          ? started_at(unit, turn, at, run.number)
                          : run.started_turn),
                 run.ordinal);
      ++moves_;
    }
    write.bind(status, run.node, micros(run.entered_at));
    if (run.wake_at)
      write.bind(micros(*run.wake_at));
    else
      write.bind(nullptr);
    if (!write.run())
      return false;
  }
  return true;
}

bool writer::fold_moves() {
  transaction tx{db_};
  if (!tx || !sql_->fold_moves.run() || !sql_->forget_moves.run()
      || !tx.commit())
    return false;
  moves_ = 0;
  return true;
}

} // namespace troupe::persistence::sqlite
