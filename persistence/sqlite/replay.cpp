// Makes deliveries due again.
#include "persistence/sqlite/writer.hpp"

namespace troupe::persistence::sqlite {

using engine::number;

engine::status writer::make_due(std::span<const delivery_key> keys,
                                timestamp due, const admin_row& note) {
  transaction tx{db_};
  auto good = static_cast<bool>(tx);
  statement update{db_.get(),
                   "UPDATE deliveries SET status=?, next_attempt_at=?,"
                   " replayed_after=attempts"
                   " WHERE destination=? AND pos=? AND ordinal=?"
                   " AND NOT EXISTS (SELECT 1 FROM turns t" // erased
                   " WHERE t.pos=deliveries.pos AND t.kind=8)"};
  for (const auto& key : keys)
    good = good
           && update
                .bind(static_cast<int>(delivery_status::pending),
                      due.time_since_epoch().count(), number(key.destination),
                      number(key.turn), key.ordinal)
                .run();
  if (!good || !save(note) || !tx.commit())
    return db_.failure("make deliveries due");
  return engine::success();
}

} // namespace troupe::persistence::sqlite
