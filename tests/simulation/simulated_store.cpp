#include "tests/simulation/simulated_store.hpp"

#include <tuple>
#include <utility>

namespace troupe::simulation {

namespace {

using persistence::attempt_row;
using persistence::commit_unit;
using persistence::unit_outcome;
using outcomes_or_error = engine::result<std::vector<unit_outcome>>;

engine::error away() {
  return {engine::errc::storage_unavailable,
          "storage_unavailable",
          "the store is away",
          {}};
}

} // namespace

simulated_store::simulated_store(std::unique_ptr<persistence::store> real,
                                 std::shared_ptr<store_link> link,
                                 std::string file)
  : real_(std::move(real)), link_(std::move(link)), file_(std::move(file)) {}

outcomes_or_error
simulated_store::commit(std::span<const commit_unit> units,
                        std::span<const attempt_row> attempts) {
  if (link_->is_away()) {
    link_->commits_failed += link_->is_dead ? 0U : 1U;
    return away();
  }
  land();
  link_->before_write();
  auto& from = link_->from;
  const auto& plan = link_->plan;
  const auto is_group = units.size() + attempts.size() > 1;
  if (from.chance(plan.commits_fail)
      || (is_group && from.chance(plan.groups_fail))) {
    ++link_->commits_failed;
    return away();
  }
  group what{{units.begin(), units.end()}, {attempts.begin(), attempts.end()}};
  spoil(what);
  if (from.chance(plan.commits_unknown))
    return lose(std::move(what));
  if (!from.chance(plan.commits_crash))
    return make(std::move(what));
  link_->crash();
  if (from.chance(50))
    return away();
  return make(std::move(what));
}

outcomes_or_error simulated_store::make(group what) {
  if (link_->plan.defect != planted::effects_apart) {
    auto outcomes = real_->commit(what.units, what.attempts);
    if (outcomes && link_->plan.defect == planted::identity_unchecked)
      force(what, *outcomes);
    return outcomes;
  }
  auto without = what;
  for (auto& unit : without.units)
    for (auto& turn : unit.turns) {
      turn.matched.clear();
      turn.sends.clear();
    }
  auto outcomes = real_->commit(without.units, without.attempts);
  if (!outcomes)
    return outcomes;
  if (link_->from.chance(10))
    link_->crash();
  else
    write_effects(what, *outcomes);
  return outcomes;
}

// What was refused for an identity is committed without it.
void simulated_store::force(const group& what,
                            std::vector<unit_outcome>& outcomes) {
  using persistence::refused;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    auto unit = what.units[i];
    const refused* why = nullptr;
    while ((why = std::get_if<refused>(&outcomes[i])) != nullptr
           && why->why == refused::reason::identity_taken) {
      std::erase(unit.turns[why->index].claimed, *why->who);
      auto again = real_->commit(std::span{&unit, 1}, {});
      if (!again)
        break;
      outcomes[i] = std::move(again->front());
    }
  }
}

// The answer to it is lost: it was not made, it was, or it will be.
outcomes_or_error simulated_store::lose(group what) {
  ++link_->commits_unknown;
  auto& from = link_->from;
  link_->away_until
    = link_->time.now()
      + from.of(std::vector<engine::duration>{0us, 0us, 50ms, 1s, 3s});
  const auto defect = link_->plan.defect;
  if (defect == planted::unknown_is_success)
    return invent(what);
  switch (from.below(3)) {
    case 0:
      break;
    case 1:
      std::ignore = make(std::move(what));
      break;
    default:
      on_its_way_ = std::move(what);
  }
  return defect == planted::unknown_is_failure
           ? away()
           : persistence::outcome_unknown("the answer was lost");
}

outcomes_or_error simulated_store::invent(const group& what) {
  auto reader = real_->open_reader();
  if (!reader)
    return reader.failure();
  auto newest = (*reader)->newest_turn();
  if (!newest)
    return newest.failure();
  auto next = engine::number(*newest) + 1;
  std::vector<unit_outcome> outcomes;
  for (const auto& unit : what.units) {
    outcomes.emplace_back(persistence::committed{engine::position{next}});
    next += unit.turns.size();
  }
  return outcomes;
}

void simulated_store::spoil(group& what) const {
  const auto defect = link_->plan.defect;
  if (defect == planted::outcome_lost)
    what.attempts.clear();
  for (auto& unit : what.units)
    for (auto& turn : unit.turns) {
      if (defect == planted::key_not_stored)
        turn.key.reset();
      if (defect == planted::timer_lost)
        turn.timers_set.clear();
      if (defect == planted::timer_kept) {
        turn.fired.reset();
        turn.timers_cleared.clear();
      }
      if (defect == planted::message_kept)
        turn.consumed.reset();
    }
}

void simulated_store::write_effects(const group& what,
                                    std::span<const unit_outcome> outcomes) {
  auto db = persistence::sqlite::connection::open(
    file_, persistence::sqlite::access::write);
  const auto insert = [&db](engine::destination_id to, std::uint64_t turn,
                            std::size_t ordinal) {
    const auto sql
      = "INSERT INTO outbox VALUES (" + std::to_string(engine::number(to)) + ","
        + std::to_string(turn) + "," + std::to_string(ordinal) + ")";
    db->execute(sql.c_str());
  };
  for (std::size_t i = 0; db && i < outcomes.size(); ++i)
    if (const auto* made = std::get_if<persistence::committed>(&outcomes[i])) {
      auto turn = engine::number(made->first);
      for (const auto& rows : what.units[i].turns) {
        for (const auto to : rows.matched)
          insert(to, turn, 0);
        for (std::size_t n = 0; n < rows.sends.size(); ++n)
          insert(rows.sends[n], turn, n + 1);
        ++turn;
      }
    }
}

void simulated_store::land() {
  if (const auto late = std::exchange(on_its_way_, std::nullopt))
    std::ignore = make(*late);
}

bool simulated_store::maintain(engine::timestamp now) {
  if (on_its_way_ && !link_->is_dead && link_->from.chance(50))
    land();
  return !link_->is_away() && real_->maintain(now);
}

bool simulated_store::forget_old(engine::timestamp now) {
  return !link_->is_away() && real_->forget_old(now);
}

engine::status simulated_store::reach() {
  if (link_->is_away())
    return away();
  land();
  return real_->reach();
}

bool simulated_store::take_definition_changes() {
  return real_->take_definition_changes();
}

engine::result<std::vector<persistence::any_row>>
simulated_store::put_all(std::vector<persistence::any_row> rows,
                         std::optional<persistence::admin_row> note) {
  if (link_->is_away())
    return away();
  land();
  return real_->put_all(std::move(rows), std::move(note));
}

engine::status
simulated_store::make_due(std::span<const persistence::delivery_key> keys,
                          engine::timestamp due,
                          const persistence::admin_row& note) {
  if (link_->is_away())
    return away();
  land();
  return real_->make_due(keys, due, note);
}

engine::status
simulated_store::add_statistics(const engine::statistics_batch& batch) {
  return link_->is_away() ? engine::status{away()}
                          : real_->add_statistics(batch);
}

engine::status
simulated_store::begin_erasure(const persistence::erasure_wish& wish) {
  return link_->is_away() ? engine::status{away()} : real_->begin_erasure(wish);
}

engine::result<persistence::erasing>
simulated_store::erase_more(engine::timestamp now) {
  if (link_->is_away())
    return away();
  return real_->erase_more(now);
}

std::uint64_t simulated_store::seed() const {
  return real_->seed();
}

std::string simulated_store::secret() const {
  return real_->secret();
}

engine::result<std::unique_ptr<persistence::store_reader>>
simulated_store::open_reader() {
  auto db = persistence::sqlite::connection::open(
    file_, persistence::sqlite::access::read);
  if (!db)
    return db.failure();
  return std::unique_ptr<persistence::store_reader>{
    std::make_unique<simulated_reader>(std::move(*db), link_)};
}

simulated_reader::simulated_reader(persistence::sqlite::connection db,
                                   std::shared_ptr<store_link> link)
  : reader(std::move(db)), link_(std::move(link)) {}

bool simulated_reader::fails() const {
  return link_->is_away() || link_->from.chance(link_->plan.reads_fail);
}

engine::result<persistence::loaded_contact>
simulated_reader::load(engine::contact_id contact) {
  if (fails())
    return away();
  return reader::load(contact);
}

engine::result<std::vector<engine::identity_owner>>
simulated_reader::resolve(engine::workspace_id workspace,
                          std::span<const engine::identity> asked) {
  if (fails())
    return away();
  return reader::resolve(workspace, asked);
}

engine::result<engine::turn> simulated_reader::turn_at(engine::position turn) {
  if (fails())
    return away();
  return reader::turn_at(turn);
}

engine::result<std::vector<persistence::due_timer>>
simulated_reader::timers(engine::timestamp until,
                         const std::optional<persistence::due_timer>& after,
                         std::size_t limit) {
  if (fails())
    return away();
  return reader::timers(until, after, limit);
}

engine::result<std::vector<persistence::inbox_row>>
simulated_reader::inbox(engine::timestamp until,
                        const std::optional<persistence::inbox_row>& after,
                        std::size_t limit) {
  if (fails())
    return away();
  return reader::inbox(until, after, limit);
}

engine::result<std::vector<persistence::delivery_key>>
simulated_reader::outbox(const persistence::delivery_key& after,
                         std::size_t limit) {
  if (fails())
    return away();
  return reader::outbox(after, limit);
}

engine::result<std::vector<persistence::due_delivery>>
simulated_reader::deliveries_due(engine::destination_id destination,
                                 engine::timestamp until, std::size_t limit) {
  if (fails())
    return away();
  return reader::deliveries_due(destination, until, limit);
}

} // namespace troupe::simulation
