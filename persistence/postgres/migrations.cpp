#include "persistence/postgres/migrations.hpp"

namespace troupe::persistence::postgres {

namespace {

// In each transaction of a migration: whoever comes second sees what the first
// has done. The number is "troup" as ASCII.
constexpr auto take_lock = "SET LOCAL lock_timeout=0;"
                           "SET LOCAL statement_timeout=0;"
                           "SELECT pg_advisory_xact_lock(500186903920);"
                           "CREATE TABLE IF NOT EXISTS schema_migrations"
                           " (version integer PRIMARY KEY,"
                           " at timestamptz NOT NULL DEFAULT now())";

engine::result<std::int64_t> version_of(connection& db) {
  statement select{db, "SELECT coalesce(max(version), 0)"
                       " FROM schema_migrations"};
  if (!select.step())
    return db.failure("read the schema version");
  return select.integer(0);
}

engine::status migrate_all(connection& db) {
  const auto newest = static_cast<std::int64_t>(migrations.size());
  for (;;) {
    transaction tx{db};
    if (!tx || !db.execute(take_lock))
      return db.failure("lock the schema");
    const auto version = version_of(db);
    if (!version)
      return version.failure();
    if (*version > newest)
      return engine::error{engine::errc::storage_unavailable,
                           "schema_too_new",
                           "a newer release of Troupe wrote this store",
                           {}};
    if (*version == newest)
      return engine::success();
    statement note{db, "INSERT INTO schema_migrations (version) VALUES ($1)"};
    if (!db.execute(migrations[static_cast<std::size_t>(*version)])
        || !note.bind(*version + 1).run() || !tx.commit())
      return db.failure("change the schema");
  }
}

} // namespace

engine::status migrate(connection& db) {
  // It may have to write an index.
  const auto usual = db.be_patient(std::chrono::hours{24});
  auto migrated = migrate_all(db);
  db.be_patient(usual);
  return migrated;
}

} // namespace troupe::persistence::postgres
