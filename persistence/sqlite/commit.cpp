// Group commit: preconditions of a unit first, then its rows. Reads of a
// precondition see the units before it, because they share the transaction.
#include "persistence/sqlite/writer.hpp"
#include "persistence/unit_inputs.hpp"

#include <algorithm>

namespace troupe::persistence::sqlite {

using engine::identity_kind;
using engine::number;

namespace {

engine::error key_window_full() {
  return {engine::errc::overloaded,
          "idempotency_window_full",
          "too many idempotency keys were used within a day; try again later",
          {}};
}

refused stale_unit() {
  return {refused::reason::stale, 0, {}, {}, {}};
}

bool uses_keys(const commit_unit& unit) {
  return std::any_of(unit.turns.begin(), unit.turns.end(),
                     [](const turn_rows& turn) {
                       return turn.key && !turn.key->is_kept;
                     });
}

bool takes_external_id(const turn_rows& turn) {
  for (const auto& who : turn.claimed)
    if (who.kind == identity_kind::external_id)
      return true;
  return false;
}

} // namespace

engine::result<std::vector<unit_outcome>>
writer::commit(std::span<const commit_unit> units,
               std::span<const attempt_row> attempts) {
  std::vector<unit_outcome> outcomes;
  outcomes.reserve(units.size());
  transaction tx{db_};
  auto good = static_cast<bool>(tx);
  for (std::size_t i = 0; good && i < units.size(); ++i) {
    outcomes.push_back(commit_unit_rows(units[i]));
    const auto* fault = std::get_if<engine::error>(&outcomes.back());
    good = fault == nullptr || fault->code != engine::errc::storage_unavailable;
  }
  for (std::size_t i = 0; good && i < attempts.size(); ++i) {
    const auto erased = is_erased(attempts[i]);
    good = erased && (*erased || write_attempt(attempts[i]));
  }
  if (!good || !tx.commit()) {
    auto reason = db_.failure("commit");
    forget_uncommitted();
    return reason;
  }
  committed_next_ = next_;
  keys_added_.clear();
  return outcomes;
}

void writer::forget_uncommitted() {
  for (const auto& key : keys_added_)
    keys_.remove(key);
  keys_added_.clear();
  next_ = committed_next_;
  block_types_.clear();
}

unit_outcome writer::commit_unit_rows(const commit_unit& unit) {
  if (uses_keys(unit)
      && keys_.size() + unit.turns.size() > key_window::keys_max)
    return key_window_full();
  if (auto refusal = check_inputs(unit))
    return *refusal;
  if (auto refusal = check_identities(unit))
    return *refusal;
  if (auto refusal = check_merges(unit))
    return *refusal;
  const auto first = position{next_};
  const auto last = position{next_ + unit.turns.size() - 1};
  if (auto refusal = write_head(unit, last))
    return *refusal;
  next_ += unit.turns.size();
  auto previous = unit.previous;
  auto good = true;
  for (std::size_t i = 0; good && i < unit.turns.size(); ++i) {
    const auto at = position{number(first) + i};
    good = write_turn(unit, unit.turns[i], at, previous);
    previous = at;
  }
  if (good && unit.snapshot)
    good = sql_->save_snapshot
             .bind(as_blob{unit.snapshot->state}, unit.snapshot->seq,
                   number(unit.contact))
             .run();
  if (!good)
    return db_.failure("write a turn");
  return committed{first};
}

// Keys are free, timers and inbox rows still there.
std::optional<unit_outcome> writer::check_inputs(const commit_unit& unit) {
  for (std::size_t i = 0; i < unit.turns.size(); ++i) {
    const auto& turn = unit.turns[i];
    if (turn.key) {
      const auto holder = holder_of(*turn.key, turn.key_used_at);
      if (!holder)
        return holder.failure();
      if (*holder != position{})
        return refused{refused::reason::key_used, i, *holder, {}, {}};
    }
    auto there = !takes_its_input(unit, i);
    if (there && turn.fired && !sets_its_timer(unit, i)) {
      scoped_reset guard{sql_->find_timer};
      there = sql_->find_timer
                .bind(due_of(unit.workspace, turn.fired->due),
                      number(unit.contact), turn.fired->run, turn.fired->visit)
                .step();
      if (sql_->find_timer.failed())
        return db_.failure("find a timer");
    }
    if (there && turn.consumed) {
      scoped_reset guard{sql_->find_message};
      there = sql_->find_message
                .bind(due_of(unit.workspace, turn.consumed_due),
                      turn.consumed->high, turn.consumed->low)
                .step();
      if (sql_->find_message.failed())
        return db_.failure("find a message");
    }
    if (there && turn.trigger) {
      scoped_reset guard{sql_->find_triggered};
      there
        = !sql_->find_triggered
             .bind(turn.trigger->high, turn.trigger->low, number(unit.contact))
             .step();
      if (sql_->find_triggered.failed())
        return db_.failure("find a contact of a trigger");
    }
    if (!there)
      return refused{refused::reason::input_gone, i, {}, {}, {}};
  }
  return std::nullopt;
}

// 0: none.
engine::result<position> writer::holder_of(const engine::idempotency& key,
                                           timestamp now) {
  if (!key.is_kept)
    return keys_.find(key, now).value_or(position{});
  auto& find = sql_->find_kept_key;
  scoped_reset guard{find};
  position holder{};
  if (find.bind(key.key_high, key.key_low).step())
    holder = position{static_cast<std::uint64_t>(find.integer(0))};
  if (find.failed())
    return db_.failure("find a key");
  return holder;
}

// 0: nobody's.
engine::result<contact_id> writer::owner_of(workspace_id workspace,
                                            const engine::identity& who) {
  auto& find = sql_->find_identity;
  scoped_reset guard{find};
  contact_id owner{};
  if (find.bind(number(workspace), static_cast<int>(who.kind), who.key).step())
    owner = contact_id{static_cast<std::uint64_t>(find.integer(0))};
  if (find.failed())
    return db_.failure("find an identity");
  return owner;
}

std::optional<unit_outcome> writer::check_identities(const commit_unit& unit) {
  for (std::size_t i = 0; i < unit.turns.size(); ++i)
    for (const auto& who : unit.turns[i].claimed) {
      const auto owner = owner_of(unit.workspace, who);
      if (!owner)
        return owner.failure();
      if (*owner != contact_id{} && *owner != unit.contact
          && !absorbs(unit, *owner))
        return refused{refused::reason::identity_taken, i, {}, who, *owner};
    }
  return std::nullopt;
}

// The chain of a contact moves on only from where the unit thinks it is.
std::optional<unit_outcome> writer::write_head(const commit_unit& unit,
                                               position last) {
  const auto first_seq = unit.turns.front().seq;
  const auto last_seq = unit.turns.back().seq;
  const auto fresh = unit.previous == position{};
  if (fresh && first_seq != 1)
    return stale_unit();
  auto good = fresh ? sql_->insert_head
                        .bind(number(unit.contact), number(last), last_seq)
                        .run()
                    : sql_->move_head
                        .bind(number(last), last_seq, number(unit.contact),
                              number(unit.previous), first_seq - 1)
                        .run();
  if (good && db_.changes() == 0)
    return stale_unit();
  if (good && fresh)
    good
      = sql_->insert_contact.bind(number(unit.contact), number(unit.workspace))
          .run();
  if (!good)
    return db_.failure("write a head");
  return std::nullopt;
}

bool writer::write_turn(const commit_unit& unit, const turn_rows& turn,
                        position at, position previous) {
  const auto skip
    = turn.seq % engine::skip_interval == 0 ? number(unit.skip) : 0;
  auto good
    = sql_->insert_turn
        .bind(number(at), number(unit.workspace), number(unit.contact),
              turn.seq, number(previous), skip, static_cast<int>(turn.kind),
              micros(turn.at), as_blob{turn.payload})
        .run();
  if (good && turn.key && turn.key->is_kept) {
    good = sql_->insert_kept_key
             .bind(turn.key->key_high, turn.key->key_low, number(at))
             .run();
  } else if (good && turn.key) {
    keys_.add(*turn.key, at, turn.key_used_at);
    keys_added_.push_back(*turn.key);
    good = sql_->insert_key
             .bind(turn.key->key_high, turn.key->key_low, number(at),
                   micros(turn.key_used_at))
             .run();
  }
  return good && write_merge(unit, turn, at) && write_identities(unit, turn)
         && write_timers(unit, turn) && write_messages(unit, turn)
         && write_runs(unit, turn, at) && write_segments(unit, turn)
         && write_outbox(turn, at) && write_block(unit, turn, at)
         && write_trigger(unit, turn, at);
}

bool writer::write_identities(const commit_unit& unit, const turn_rows& turn) {
  auto good = true;
  for (const auto& who : turn.released)
    good = good
           && sql_->delete_identity
                .bind(number(unit.workspace), static_cast<int>(who.kind),
                      who.key, number(unit.contact))
                .run();
  for (const auto& who : turn.claimed)
    good = good
           && sql_->insert_identity
                .bind(number(unit.workspace), static_cast<int>(who.kind),
                      who.key, number(unit.contact))
                .run();
  if (good && takes_external_id(turn))
    good = sql_->mark_external.bind(number(unit.contact)).run();
  return good;
}

bool writer::write_messages(const commit_unit& unit, const turn_rows& turn) {
  auto good = true;
  if (turn.consumed)
    good = sql_->delete_message
             .bind(due_of(unit.workspace, turn.consumed_due),
                   turn.consumed->high, turn.consumed->low)
             .run();
  for (const auto& row : turn.messages)
    good = good && write_message(row);
  return good;
}

bool writer::write_message(const inbox_row& row) {
  const auto kind = row.target ? static_cast<int>(row.target->kind) : 0;
  const auto key
    = row.target ? std::string_view{row.target->key} : std::string_view{};
  const auto value
    = row.target ? std::string_view{row.target->value} : std::string_view{};
  return sql_->insert_message
    .bind(due_of(row.workspace, row.due), row.id.high, row.id.low,
          number(row.workspace), number(row.sender), kind, key, value, row.type,
          row.properties, row.hops)
    .run();
}

bool writer::write_outbox(const turn_rows& turn, position at) {
  auto good = true;
  for (const auto destination : turn.matched)
    good
      = good
        && sql_->insert_outbox.bind(number(destination), number(at), 0).run();
  for (std::size_t i = 0; i < turn.sends.size(); ++i)
    good = good
           && sql_->insert_outbox.bind(number(turn.sends[i]), number(at), i + 1)
                .run();
  return good;
}

// One row per event type and block of positions; '' stands for any type. So a
// name is looked for in the catalog once per block and not per event.
bool writer::write_block(const commit_unit& unit, const turn_rows& turn,
                         position at) {
  if (turn.event_type.empty())
    return true;
  const auto block = number(at) / block_length;
  if (block != block_) {
    block_ = block;
    block_types_.clear();
  }
  for (const auto& type : {std::string{}, turn.event_type}) {
    if (!block_types_.emplace(number(unit.workspace), type).second)
      continue;
    if (!sql_->insert_block.bind(number(unit.workspace), type, block).run())
      return false;
    if (!type.empty() && turn.kind != engine::turn_kind::intervention
        && !sql_->discover_type
              .bind(number(unit.workspace), type, micros(turn.at))
              .run())
      return false;
  }
  return true;
}

bool writer::write_health(const attempt_row& attempt) {
  if (!attempt.answered)
    return true;
  const auto good = attempt.status == delivery_status::delivered;
  auto& note = sql_->note_health;
  note.bind(number(attempt.key.destination), micros(attempt.at),
            *attempt.answered, good ? 0 : 1);
  return good ? note.bind(nullptr).run() : note.bind(micros(attempt.at)).run();
}

bool writer::is_recorded(const attempt_row& attempt) {
  statement find{db_.get(), "SELECT 1 FROM delivery_attempts"
                            " WHERE destination=? AND pos=? AND ordinal=?"
                            " AND number=?"};
  return find
    .bind(number(attempt.key.destination), number(attempt.key.turn),
          attempt.key.ordinal, attempt.number)
    .step();
}

// Written a second time when nobody knew what came of the first: the contact
// may have been told by then.
bool writer::write_attempt(const attempt_row& attempt) {
  const auto& key = attempt.key;
  if (attempt.told && !is_recorded(attempt) && !write_message(*attempt.told))
    return false;
  const auto good
    = sql_->delete_outbox
        .bind(number(key.destination), number(key.turn), key.ordinal)
        .run()
      && sql_->insert_attempt
           .bind(number(key.destination), number(key.turn), key.ordinal,
                 attempt.number, micros(attempt.at),
                 static_cast<int>(attempt.status), attempt.detail)
           .run();
  if (!good || !write_health(attempt))
    return false;
  auto& save = sql_->save_delivery;
  save.bind(number(key.destination), number(key.turn), key.ordinal,
            number(attempt.workspace), static_cast<int>(attempt.status),
            attempt.number);
  if (attempt.next_attempt_at)
    return save.bind(micros(*attempt.next_attempt_at)).run();
  return save.bind(nullptr).run();
}

} // namespace troupe::persistence::sqlite
