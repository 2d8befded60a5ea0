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
  statement update{db_, "UPDATE deliveries SET status=$1, next_attempt_at=$2,"
                        " replayed_after=attempts"
                        " WHERE destination=$3 AND pos=$4 AND ordinal=$5"};
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

} // namespace troupe::persistence::postgres
