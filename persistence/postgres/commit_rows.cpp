// The rows of a unit that holds, added to those of the group.
#include "persistence/postgres/commit_group.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

using engine::identity_kind;
using engine::number;

void commit_group::write_head(const commit_unit& unit, position last) {
  const auto fresh = unit.previous == position{};
  known_.heads[unit.contact] = {last, unit.turns.back().seq};
  if (fresh) {
    new_heads_.insert(unit.contact);
    contacts_[unit.contact].made_in = unit.workspace;
  } else {
    moved_heads_.insert(unit.contact);
  }
}

void commit_group::write_turn(const commit_unit& unit, const turn_rows& turn,
                              position at, position previous) {
  const auto skip
    = turn.seq % engine::skip_interval == 0 ? number(unit.skip) : 0;
  turns_.add(number(at), number(unit.workspace), number(unit.contact), turn.seq,
             number(previous), skip, static_cast<int>(turn.kind),
             micros(turn.at), std::string_view{turn.payload});
  write_key(turn, at);
  write_merge(unit, turn, at);
  write_identities(unit, turn);
  write_timers(unit, turn);
  write_messages(unit, turn);
  write_runs(unit, turn, at);
  write_segments(unit, turn);
  write_outbox(turn, at);
  write_block(unit, turn, at);
  write_trigger(unit, turn, at);
}

void commit_group::write_key(const turn_rows& turn, position at) {
  // A unit that uses a key twice has it for its first turn.
  if (!turn.key || known_.holder_of(*turn.key, turn.key_used_at) != position{})
    return;
  const auto& key = *turn.key;
  if (key.is_kept) {
    known_.kept_keys[{key.key_high, key.key_low}] = at;
    kept_keys_.add(key.key_high, key.key_low, number(at));
    return;
  }
  const auto day = day_of(turn.key_used_at);
  days_.insert(day);
  known_.keys.emplace(key_hash{key.key_high, key.key_low},
                      facts::use{at, turn.key_used_at});
  keys_.at(slot_of(day))
    .add(key.key_high, key.key_low, number(at), micros(turn.key_used_at));
}

void commit_group::write_identities(const commit_unit& unit,
                                    const turn_rows& turn) {
  for (const auto& who : turn.released)
    if (auto& owner = known_.owners.at(key_of(unit.workspace, who));
        owner == unit.contact)
      owner = {};
  for (const auto& who : turn.claimed) {
    auto& owner = known_.owners.at(key_of(unit.workspace, who));
    if (owner == contact_id{})
      owner = unit.contact;
    if (who.kind == identity_kind::external_id)
      contacts_[unit.contact].takes_external_id = true;
  }
}

void commit_group::write_messages(const commit_unit& unit,
                                  const turn_rows& turn) {
  if (turn.consumed) {
    const message_key key{due_of(tests_, unit.workspace, turn.consumed_due),
                          turn.consumed->high, turn.consumed->low};
    known_.messages.erase(key);
    messages_[key] = {nullptr, true};
  }
  for (const auto& row : turn.messages)
    write_message(row);
}

void commit_group::write_message(const inbox_row& row) {
  const message_key key{due_of(tests_, row.workspace, row.due), row.id.high,
                        row.id.low};
  known_.messages.insert(key);
  auto& change = messages_[key];
  if (change.sent == nullptr)
    change.sent = &row;
}

void commit_group::write_segments(const commit_unit& unit,
                                  const turn_rows& turn) {
  for (const auto segment : turn.entered)
    segments_[{unit.contact, segment}] = true;
  for (const auto segment : turn.left)
    segments_[{unit.contact, segment}] = false;
}

void commit_group::write_outbox(const turn_rows& turn, position at) {
  for (const auto destination : turn.matched)
    outbox_.add(number(destination), number(at), 0);
  for (std::size_t i = 0; i < turn.sends.size(); ++i)
    outbox_.add(number(turn.sends[i]), number(at), std::uint64_t{i + 1});
}

// One row per event type and block of positions; '' stands for any type. So a
// name is looked for in the catalog once per block and not per event.
void commit_group::write_block(const commit_unit& unit, const turn_rows& turn,
                               position at) {
  if (turn.event_type.empty())
    return;
  const auto block = number(at) / block_length;
  if (block != noted_.block)
    noted_ = {block, {}};
  for (const auto& type : {std::string{}, turn.event_type}) {
    if (!noted_.types.emplace(unit.workspace, type).second)
      continue;
    blocks_.add(number(unit.workspace), std::string_view{type}, block);
    if (!type.empty() && turn.kind != engine::turn_kind::intervention
        && new_types_.emplace(unit.workspace, type).second)
      types_.add(number(unit.workspace), std::string_view{type},
                 micros(turn.at));
  }
}

// With the turn that a trigger's event became, or that it made of a contact.
void commit_group::write_trigger(const commit_unit& unit, const turn_rows& turn,
                                 position at) {
  if (turn.trigger) {
    known_.triggered.emplace(turn.trigger->high, turn.trigger->low,
                             unit.contact);
    triggered_.add(turn.trigger->high, turn.trigger->low, number(unit.contact),
                   number(at));
  } else if (turn.consumed && turn.kind != engine::turn_kind::inbox) {
    begun_.add(number(at), micros(turn.at), turn.consumed->high,
               turn.consumed->low);
  }
}

void commit_group::write_health(const attempt_row& attempt) {
  if (!attempt.answered)
    return;
  auto& health = health_[attempt.key.destination];
  health.last_at = attempt.at;
  health.last_status = *attempt.answered;
  if (attempt.status == delivery_status::delivered) {
    health.succeeded = true;
    health.failures = 0;
    health.failing_since.reset();
  } else {
    ++health.failures;
    if (!health.failing_since)
      health.failing_since = attempt.at;
  }
}

void commit_group::add(const attempt_row& attempt) {
  attempts_[{attempt.key, attempt.number}] = &attempt;
  // A delivery that arrived stays so, whatever a second attempt comes to.
  auto& newest = deliveries_[attempt.key];
  if (newest == nullptr || newest->status != delivery_status::delivered)
    newest = &attempt;
  write_health(attempt);
}

} // namespace troupe::persistence::postgres
