// The rows of a turn that say where runs rest and when they wake.
#include "persistence/postgres/commit_group.hpp"

namespace troupe::persistence::postgres {

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

void commit_group::clear_timer(workspace_id of, contact_id contact,
                               const engine::timer& what) {
  const timer_key key{due_of(tests_, of, what.due), contact, what.run,
                      what.visit};
  known_.timers.erase(key);
  timers_[key] = {false, true, {}, of};
}

void commit_group::write_timers(const commit_unit& unit,
                                const turn_rows& turn) {
  if (turn.fired && turn.held_for != sequence_id{})
    timers_[{due_of(tests_, unit.workspace, turn.fired->due), unit.contact,
             turn.fired->run, turn.fired->visit}]
      .held_for
      = turn.held_for;
  else if (turn.fired)
    clear_timer(unit.workspace, unit.contact, *turn.fired);
  for (const auto& what : turn.timers_cleared)
    clear_timer(unit.workspace, unit.contact, what);
  for (const auto& what : turn.timers_set) {
    const timer_key key{due_of(tests_, unit.workspace, what.due), unit.contact,
                        what.run, what.visit};
    known_.timers.insert(key);
    timers_[key] = {true, false, {}, unit.workspace};
  }
}

void commit_group::append_timers(std::vector<request>& all) const {
  batch gone{"DELETE FROM timers USING unnest($1, $2, $3, $4)"
             " AS a (due, contact, run, visit)"
             " WHERE timers.due=a.due AND timers.contact=a.contact"
             " AND timers.run=a.run AND timers.visit=a.visit",
             "iiii"};
  batch set{"INSERT INTO timers (due, contact, run, visit, workspace)"
            " SELECT * FROM unnest($1, $2, $3, $4, $5)"
            " ON CONFLICT (due, contact, run, visit)"
            " DO UPDATE SET workspace=excluded.workspace, held=NULL",
            "iiiii"};
  // Resumed meanwhile: it is due as it was.
  batch held{"UPDATE timers SET held=a.held FROM unnest($1, $2, $3, $4, $5)"
             " AS a (held, due, contact, run, visit)"
             " WHERE timers.due=a.due AND timers.contact=a.contact"
             " AND timers.run=a.run AND timers.visit=a.visit"
             " AND EXISTS (SELECT 1 FROM sequences s"
             " WHERE s.id=a.held AND s.paused <> 0)",
             "iiiii"};
  for (const auto& [key, change] : timers_) {
    const auto& [due, contact, run, visit] = key;
    if (change.is_gone)
      gone.add(due, number(contact), run, visit);
    if (change.is_set)
      set.add(due, number(contact), run, visit, number(change.workspace));
    if (change.held_for != sequence_id{})
      held.add(number(change.held_for), due, number(contact), run, visit);
  }
  for (const auto* each : {&gone, &set, &held})
    each->append_to(all);
}

void commit_group::write_runs(const commit_unit& unit, const turn_rows& turn,
                              position at) {
  for (const auto& run : turn.runs) {
    const auto began = run.is_new || run.started_turn != position{}
                         ? run.started_turn
                         : started_at(unit, turn, at, run.number);
    auto& change = runs_[{run.sequence, run.is_new ? at : began, run.ordinal}];
    change.place = &run;
    if (run.is_new)
      change.made_for = unit.contact;
  }
}

void commit_group::append_runs(std::vector<request>& all) const {
  batch made{"INSERT INTO runs SELECT * FROM"
             " unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
             "iiiiiiibii"};
  batch moved{"UPDATE runs SET status=a.status, node=a.node,"
              " entered_at=a.entered_at, wake_at=a.wake_at"
              " FROM unnest($1, $2, $3, $4, $5, $6, $7) AS a (sequence,"
              " started_turn, ordinal, status, node, entered_at, wake_at)"
              " WHERE runs.sequence=a.sequence"
              " AND runs.started_turn=a.started_turn"
              " AND runs.ordinal=a.ordinal",
              "iiiibii"};
  // Without a time to wake at, the last column is NULL.
  const auto add
    = [](batch& to, const turn_rows::run_place& place, const auto&... before) {
        const auto status = static_cast<int>(place.status);
        const std::string_view node = place.node;
        const auto entered = micros(place.entered_at);
        if (place.wake_at)
          to.add(before..., status, node, entered, micros(*place.wake_at));
        else
          to.add(before..., status, node, entered, nullptr);
      };
  for (const auto& [key, change] : runs_) {
    const auto& [sequence, started, ordinal] = key;
    const auto& place = *change.place;
    if (change.made_for != contact_id{})
      add(made, place, number(sequence), number(started), ordinal,
          number(change.made_for), place.number, place.version);
    else
      add(moved, place, number(sequence), number(started), ordinal);
  }
  made.append_to(all);
  moved.append_to(all);
}

} // namespace troupe::persistence::postgres
