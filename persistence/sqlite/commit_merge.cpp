// The rows of a merge. Invariant: `merged_into` names a contact whose own is
// empty, so there are no cycles and no chains. It is set in one transaction
// with the survivor's turn, when both heads are where that turn thinks they
// are; that turn closes the absorbed head for good, and a contact whose head is
// closed neither survives nor is absorbed again.
#include "persistence/sqlite/writer.hpp"

#include <algorithm>

namespace troupe::persistence::sqlite {

using engine::number;

namespace {

refused changed_since(std::size_t index) {
  return {refused::reason::stale, index, {}, {}, {}};
}

} // namespace

bool absorbs(const commit_unit& unit, contact_id contact) {
  return std::any_of(unit.turns.begin(), unit.turns.end(),
                     [contact](const turn_rows& turn) {
                       return turn.absorbs && turn.absorbs->contact == contact;
                     });
}

// Absorbed contacts are as the merge knows them, and own what it takes.
std::optional<unit_outcome> writer::check_merges(const commit_unit& unit) {
  for (std::size_t i = 0; i < unit.turns.size(); ++i) {
    const auto& taken = unit.turns[i].absorbs;
    if (!taken)
      continue;
    {
      auto& head = sql_->find_head;
      scoped_reset guard{head};
      const auto there
        = head
            .bind(number(taken->contact), number(taken->last_turn), taken->seq,
                  number(unit.workspace))
            .step();
      if (head.failed())
        return db_.failure("find a head");
      if (!there || taken->contact == unit.contact)
        return changed_since(i);
    }
    for (const auto& who : taken->identities) {
      const auto owner = owner_of(unit.workspace, who);
      if (!owner)
        return owner.failure();
      if (*owner != taken->contact)
        return changed_since(i);
    }
  }
  return std::nullopt;
}

bool writer::write_merge(const commit_unit& unit, const turn_rows& turn,
                         position at) {
  if (!turn.absorbs)
    return true;
  const auto& taken = *turn.absorbs;
  const auto absorbed = number(taken.contact);
  const auto survivor = number(unit.contact);
  auto good
    = sql_->close_head.bind(absorbed).run()
      && sql_->absorb_contact.bind(survivor, absorbed).run()
      && sql_->absorb_absorbed.bind(survivor, absorbed).run()
      && sql_->insert_merge
           .bind(number(at), number(unit.workspace), survivor, absorbed,
                 number(taken.last_turn), turn.at.time_since_epoch().count())
           .run();
  for (const auto& who : taken.identities)
    good = good
           && sql_->move_identity
                .bind(survivor, number(unit.workspace),
                      static_cast<int>(who.kind), who.key, absorbed)
                .run();
  for (const auto& what : taken.timers)
    good = good
           && sql_->delete_timer
                .bind(due_of(unit.workspace, what.due), absorbed, what.run,
                      what.visit)
                .run();
  good = good && sql_->leave_segments.bind(absorbed).run();
  for (const auto& run : taken.runs)
    good = good
           && sql_->hand_over_run
                .bind(survivor, run.number, number(run.sequence),
                      number(run.started_turn), run.ordinal)
                .run();
  return good;
}

} // namespace troupe::persistence::sqlite
