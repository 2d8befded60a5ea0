#include "persistence/postgres/settings.hpp"

namespace troupe::persistence::postgres {

namespace {

constexpr int oldest_server = 140000;

engine::error unsafe(std::string why) {
  return {engine::errc::storage_unavailable,
          "store_unusable",
          "the database cannot be used: " + std::move(why),
          {}};
}

} // namespace

engine::status check_settings(connection& db) {
  if (db.server_version() < oldest_server)
    return unsafe("PostgreSQL 14 or later is needed");
  statement row{db, "SELECT convert_to(name, 'UTF8'),"
                    " convert_to(setting, 'UTF8') FROM pg_settings"
                    " WHERE name IN ('fsync', 'full_page_writes',"
                    " 'synchronous_commit', 'transaction_read_only')"};
  while (row.step()) {
    const std::string name{row.text(0)};
    const auto value = row.text(1);
    if (name == "synchronous_commit") {
      // The session asks for it; what the server still answers counts.
      if (value != "on" && value != "remote_apply")
        return unsafe("synchronous_commit is not on");
    } else if (name == "transaction_read_only") {
      if (value != "off")
        return unsafe("it takes no writes");
    } else if (value != "on") {
      return unsafe(name
                    + " is off, so commits may be lost;"
                      " turn it on and restart the server");
    }
  }
  if (row.failed())
    return db.failure("read the server's settings");
  return engine::success();
}

engine::result<std::vector<std::string>> warnings_of(connection& db) {
  statement row{db, "SELECT (current_setting('data_checksums')='on')::int,"
                    " (current_setting('data_sync_retry')='on')::int"};
  if (!row.step())
    return db.failure("read the server's settings");
  std::vector<std::string> found;
  if (row.integer(0) == 0)
    found.emplace_back("the cluster has no data checksums: damaged pages are"
                       " not noticed (pg_checksums --enable)");
  if (row.integer(1) != 0)
    found.emplace_back("data_sync_retry is on: a failed sync may lose data");
  return found;
}

} // namespace troupe::persistence::postgres
