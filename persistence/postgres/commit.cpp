// Group commit in one round trip, or in two: the facts that the units'
// preconditions are about, where those are not left to the constraints of the
// rows, then the rows of those that hold. Preconditions are looked at here,
// unit after unit, against facts that the units before have changed.
#include "persistence/postgres/commit_group.hpp"
#include "persistence/postgres/writer.hpp"
#include "persistence/unit_inputs.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

using engine::number;

namespace {

// A group is begun again when it was not as expected, or met another writer;
// who is refused then is refused by name.
constexpr int tries_max = 4;
constexpr unsigned groups_to_ask = 32;

bool is_worth_another_try(std::string_view state) {
  return state == "23505"     // unique_violation
         || state == "22012"  // division_by_zero: a head or lane was elsewhere
         || state == "40001"  // serialization_failure
         || state == "40P01"; // deadlock_detected
}

// A merge is looked at from all sides before it is made.
bool is_trustworthy(std::span<const commit_unit> units) {
  return std::none_of(units.begin(), units.end(), [](const auto& unit) {
    return std::any_of(unit.turns.begin(), unit.turns.end(),
                       [](const auto& turn) {
                         return turn.absorbs.has_value();
                       });
  });
}

refused stale_unit() {
  return {refused::reason::stale, 0, {}, {}, {}};
}

batch insert_keys(std::size_t slot) {
  constexpr std::array<std::string_view, 4> sql
    = {"INSERT INTO keys_0 SELECT 0, * FROM unnest($1, $2, $3, $4)",
       "INSERT INTO keys_1 SELECT 1, * FROM unnest($1, $2, $3, $4)",
       "INSERT INTO keys_2 SELECT 2, * FROM unnest($1, $2, $3, $4)",
       "INSERT INTO keys_3 SELECT 3, * FROM unnest($1, $2, $3, $4)"};
  return {sql.at(slot), "iiii"};
}

} // namespace

// Trusts first, and asks when that was wrong; then for a while, since retries
// come together.
engine::result<std::vector<unit_outcome>>
writer::commit(std::span<const commit_unit> units,
               std::span<const attempt_row> attempts) {
  std::size_t turns = 0;
  for (const auto& unit : units)
    turns += unit.turns.size();
  auto how = groups_to_ask_ == 0 && is_trustworthy(units) ? expectation::trusted
                                                          : expectation::asked;
  if (groups_to_ask_ > 0)
    --groups_to_ask_;
  std::vector<attempt_row> wanted;
  for (int tries = 1;; ++tries) {
    if (auto prepared = prepare(turns); !prepared)
      return prepared.failure();
    if (has_erased_ && !attempts.empty()) {
      auto left = without_erased(attempts);
      if (!left)
        return db_.failure("commit");
      wanted = std::move(*left);
      attempts = wanted;
    }
    auto outcomes = commit_once(units, attempts, how);
    if (outcomes || is_outcome_unknown(outcomes.failure()) || tries == tries_max
        || !(is_worth_another_try(db_.state()) || was_undone_))
      return outcomes;
    if (how == expectation::trusted && !was_undone_)
      groups_to_ask_ = groups_to_ask;
    how = expectation::asked;
  }
}

// The connection is there, and so are the tables for what comes.
engine::status writer::prepare(std::size_t turns) {
  if (auto there = ready(); !there)
    return there;
  return make_partitions(next_ + turns);
}

// What the facts say that no statement of the group itself makes sure of.
engine::result<facts> writer::learn(const facts_reader& reader) {
  auto first = lane_.begin();
  const auto begun = first.size();
  reader.append_to(first);
  const auto answers = db_.ask(first);
  if (!answers) {
    auto reason = db_.failure("begin a commit");
    was_undone_ = db_.is_lost();
    lane_.abandon();
    return reason;
  }
  if (!lane_.is_ours((*answers)[begun - 1])) {
    lane_.abandon();
    return lane_.ready().failure();
  }
  return reader.read(std::span{*answers}.subspan(begun));
}

engine::result<std::vector<unit_outcome>>
writer::commit_once(std::span<const commit_unit> units,
                    std::span<const attempt_row> attempts, expectation how) {
  was_undone_ = false;
  const facts_reader reader{units, tests_, days_, how};
  auto known = reader.is_answered() ? reader.read({}) : learn(reader);
  if (!known)
    return known.failure();
  commit_group group{std::move(*known), tests_, next_, noted_};
  std::vector<unit_outcome> outcomes;
  outcomes.reserve(units.size());
  for (const auto& unit : units)
    outcomes.push_back(group.add(unit));
  for (const auto& attempt : attempts)
    group.add(attempt);
  auto all
    = reader.is_answered() ? lane_.begin_unseen() : std::vector<request>{};
  auto days = days_;
  for (auto& each : empty_days(group.days(), days))
    all.push_back(std::move(each));
  for (auto& each : group.requests())
    all.push_back(std::move(each));
  all.push_back({"COMMIT", {}});
  if (!db_.ask(all)) {
    auto reason = db_.failure("commit");
    const auto was_lost = db_.is_lost();
    const auto outcome = lane_.settle();
    was_undone_ = was_lost && outcome == lane::outcome::undone;
    if (outcome == lane::outcome::unknown)
      return outcome_unknown(std::move(reason.message));
    if (outcome == lane::outcome::undone)
      return reason;
  }
  next_ = group.next();
  days_ = days;
  noted_ = std::move(group).noted();
  return outcomes;
}

commit_group::commit_group(facts known, const test_workspaces& tests,
                           std::uint64_t next, noted_types noted)
  : known_(std::move(known)),
    tests_(tests),
    next_(next),
    noted_(std::move(noted)),
    turns_("INSERT INTO turns SELECT * FROM"
           " unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)",
           "iiiiiiiib"),
    keys_{insert_keys(0), insert_keys(1), insert_keys(2), insert_keys(3)},
    kept_keys_("INSERT INTO kept_keys SELECT * FROM unnest($1, $2, $3)", "iii"),
    outbox_("INSERT INTO outbox SELECT * FROM unnest($1, $2, $3)", "iii"),
    blocks_("INSERT INTO event_blocks SELECT * FROM unnest($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            "ibi"),
    types_("INSERT INTO event_types (id, workspace, name, status, created_at)"
           " SELECT (SELECT coalesce(max(id), 0) FROM event_types)"
           " + row_number() OVER (), a.workspace, a.name, 6, a.at"
           " FROM unnest($1, $2, $3) AS a (workspace, name, at)"
           " WHERE NOT EXISTS (SELECT 1 FROM event_types e"
           " WHERE e.workspace=a.workspace AND e.name=a.name)",
           "ibi"),
    merges_("INSERT INTO merges SELECT * FROM"
            " unnest($1, $2, $3, $4, $5, $6)",
            "iiiiii"),
    triggered_("INSERT INTO trigger_contacts"
               " SELECT a.id_high, a.id_low, a.contact, a.turn, 0, 0, ''"
               " FROM unnest($1, $2, $3, $4)"
               " AS a (id_high, id_low, contact, turn)",
               "iiii"),
    begun_("UPDATE triggers SET status=3, turn=a.turn, started_at=a.at,"
           " wish='' FROM unnest($1, $2, $3, $4)"
           " AS a (turn, at, id_high, id_low)"
           " WHERE triggers.id_high=a.id_high AND triggers.id_low=a.id_low",
           "iiii"),
    owners_(known_.owners),
    heads_(known_.heads) {}

unit_outcome commit_group::add(const commit_unit& unit) {
  if (auto refusal = check_inputs(unit))
    return *refusal;
  if (auto refusal = check_identities(unit))
    return *refusal;
  if (auto refusal = check_merges(unit))
    return *refusal;
  if (is_stale(unit))
    return stale_unit();
  const auto first = position{next_};
  next_ += unit.turns.size();
  write_head(unit, position{next_ - 1});
  auto previous = unit.previous;
  for (std::size_t i = 0; i < unit.turns.size(); ++i) {
    const auto at = position{number(first) + i};
    write_turn(unit, unit.turns[i], at, previous);
    previous = at;
  }
  if (unit.snapshot)
    contacts_[unit.contact].snapshot = &*unit.snapshot;
  return committed{first};
}

// Keys are free, timers and inbox rows still there.
std::optional<refused>
commit_group::check_inputs(const commit_unit& unit) const {
  for (std::size_t i = 0; i < unit.turns.size(); ++i) {
    const auto& turn = unit.turns[i];
    if (turn.key) {
      const auto holder = known_.holder_of(*turn.key, turn.key_used_at);
      if (holder != position{})
        return refused{refused::reason::key_used, i, holder, {}, {}};
    }
    auto there = !takes_its_input(unit, i);
    if (there && turn.fired && !sets_its_timer(unit, i))
      there = known_.timers.contains(
        {due_of(tests_, unit.workspace, turn.fired->due), unit.contact,
         turn.fired->run, turn.fired->visit});
    if (there && turn.consumed)
      there = known_.messages.contains(
        {due_of(tests_, unit.workspace, turn.consumed_due), turn.consumed->high,
         turn.consumed->low});
    if (there && turn.trigger)
      there = !known_.triggered.contains(
        {turn.trigger->high, turn.trigger->low, unit.contact});
    if (!there)
      return refused{refused::reason::input_gone, i, {}, {}, {}};
  }
  return std::nullopt;
}

std::optional<refused>
commit_group::check_identities(const commit_unit& unit) const {
  for (std::size_t i = 0; i < unit.turns.size(); ++i)
    for (const auto& who : unit.turns[i].claimed) {
      const auto owner = known_.owner_of(unit.workspace, who);
      if (owner != contact_id{} && owner != unit.contact
          && !absorbs(unit, owner))
        return refused{refused::reason::identity_taken, i, {}, who, owner};
    }
  return std::nullopt;
}

// The chain of a contact moves on only from where the unit thinks it is.
bool commit_group::is_stale(const commit_unit& unit) const {
  const auto first_seq = unit.turns.front().seq;
  const auto head = known_.heads.find(unit.contact);
  if (unit.previous == position{})
    return first_seq != 1 || head != known_.heads.end();
  return head == known_.heads.end() || head->second.last != unit.previous
         || head->second.seq != first_seq - 1;
}

} // namespace troupe::persistence::postgres
