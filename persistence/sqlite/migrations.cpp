#include "persistence/sqlite/migrations.hpp"

namespace troupe::persistence::sqlite {

engine::status migrate(connection& db) {
  std::int64_t version = 0;
  {
    statement select{db.get(), "PRAGMA user_version"};
    if (!select.step())
      return db.failure("read the schema version");
    version = select.integer(0);
  }
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (version > newest)
    return engine::error{engine::errc::storage_unavailable,
                         "schema_too_new",
                         "a newer release of Troupe wrote this store",
                         {}};
  for (auto next = version; next < newest; ++next) {
    transaction tx{db};
    const auto note = "PRAGMA user_version=" + std::to_string(next + 1);
    if (!tx || !db.execute(migrations[static_cast<std::size_t>(next)])
        || !db.execute(note.c_str()) || !tx.commit())
      return db.failure("change the schema");
  }
  return engine::success();
}

} // namespace troupe::persistence::sqlite
