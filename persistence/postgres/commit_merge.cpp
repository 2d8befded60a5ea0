// The rows of a merge. Invariant: `merged_into` names a contact whose own is
// empty, so there are no cycles and no chains. It is set in one transaction
// with the survivor's turn, when both heads are where that turn thinks they
// are; that turn closes the absorbed head for good, and a contact whose head is
// closed neither survives nor is absorbed again.
#include "persistence/postgres/commit_group.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

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
std::optional<refused>
commit_group::check_merges(const commit_unit& unit) const {
  for (std::size_t i = 0; i < unit.turns.size(); ++i) {
    const auto& taken = unit.turns[i].absorbs;
    if (!taken)
      continue;
    const auto head = known_.heads.find(taken->contact);
    const auto of = known_.workspaces.find(taken->contact);
    const auto there
      = head != known_.heads.end() && head->second.last == taken->last_turn
        && head->second.seq == taken->seq && of != known_.workspaces.end()
        && of->second == unit.workspace;
    if (!there || taken->contact == unit.contact)
      return changed_since(i);
    for (const auto& who : taken->identities)
      if (known_.owner_of(unit.workspace, who) != taken->contact)
        return changed_since(i);
  }
  return std::nullopt;
}

void commit_group::write_merge(const commit_unit& unit, const turn_rows& turn,
                               position at) {
  if (!turn.absorbs)
    return;
  const auto& taken = *turn.absorbs;
  // No unit's turns follow on number 0 of a contact that has a head.
  known_.heads.at(taken.contact).seq = 0;
  moved_heads_.insert(taken.contact);
  absorbed_[taken.contact] = unit.contact;
  merges_.add(number(at), number(unit.workspace), number(unit.contact),
              number(taken.contact), number(taken.last_turn), micros(turn.at));
  for (const auto& who : taken.identities)
    known_.owners.at(key_of(unit.workspace, who)) = unit.contact;
  for (const auto& what : taken.timers)
    clear_timer(unit.workspace, taken.contact, what);
  for (const auto& run : taken.runs)
    handed_over_[{run.sequence, run.started_turn, run.ordinal}]
      = {unit.contact, run.number};
}

void commit_group::append_merges(std::vector<request>& all) const {
  merges_.append_to(all);
  batch of_whom{"UPDATE contacts SET merged_into=a.survivor"
                " FROM unnest($1, $2) AS a (survivor, absorbed)"
                " WHERE contacts.contact=a.absorbed",
                "ii"};
  batch of_theirs{"UPDATE contacts SET merged_into=a.survivor"
                  " FROM unnest($1, $2) AS a (survivor, absorbed)"
                  " WHERE contacts.merged_into=a.absorbed",
                  "ii"};
  batch segments{"DELETE FROM segment_contacts USING unnest($1) AS a (contact)"
                 " WHERE segment_contacts.contact=a.contact",
                 "i"};
  for (const auto& [absorbed, survivor] : absorbed_) {
    of_whom.add(number(survivor), number(absorbed));
    of_theirs.add(number(survivor), number(absorbed));
    segments.add(number(absorbed));
  }
  batch runs{"UPDATE runs SET contact=a.contact, number=a.number"
             " FROM unnest($1, $2, $3, $4, $5)"
             " AS a (contact, number, sequence, started_turn, ordinal)"
             " WHERE runs.sequence=a.sequence"
             " AND runs.started_turn=a.started_turn"
             " AND runs.ordinal=a.ordinal",
             "iiiii"};
  for (const auto& [key, to] : handed_over_)
    runs.add(number(to.first), to.second, number(std::get<0>(key)),
             number(std::get<1>(key)), std::get<2>(key));
  for (const auto* each : {&of_whom, &of_theirs, &segments, &runs})
    each->append_to(all);
}

} // namespace troupe::persistence::postgres
