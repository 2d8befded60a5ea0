// Makes deliveries due again.
#include "persistence/postgres/writer.hpp"

namespace troupe::persistence::postgres {

using engine::number;

engine::status writer::make_due(std::span<const delivery_key> keys,
                                timestamp due, const admin_row& note) {
  if (auto there = ready(); !there)
    return there;
  lane_transaction tx{lane_};
  auto good = static_cast<bool>(tx);
  batch due_again{"UPDATE deliveries d SET status=a.status,"
                  " next_attempt_at=a.due, replayed_after=d.attempts"
                  " FROM unnest($1, $2, $3, $4, $5)"
                  " AS a (status, due, destination, pos, ordinal)"
                  " WHERE d.destination=a.destination AND d.pos=a.pos"
                  " AND d.ordinal=a.ordinal AND NOT EXISTS (SELECT 1"
                  " FROM turns t WHERE t.pos=a.pos AND t.kind=8)", // erased
                  "iiiii"};
  for (const auto& key : keys)
    due_again.add(static_cast<int>(delivery_status::pending), micros(due),
                  number(key.destination), number(key.turn), key.ordinal);
  std::vector<request> all;
  due_again.append_to(all);
  good = good && db_.ask(all);
  if (!good || !save(note) || !tx.commit())
    return db_.failure("make deliveries due");
  return engine::success();
}

} // namespace troupe::persistence::postgres
