// Plugs the embedded store into the contract.
#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/persistence/contract/contract.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sqlite3.h>

namespace troupe::test {

namespace {

class sqlite_maker final : public store_maker {
public:
  engine::result<std::unique_ptr<persistence::store>>
  open(engine::timestamp now) override {
    return persistence::sqlite::open_store(directory_.path(), now);
  }

  void pretend_newer_schema() override {
    run("PRAGMA user_version=1000");
  }

  void break_commits_of(std::string_view event_type) override {
    // event_blocks is written last of a turn's rows.
    run("CREATE TRIGGER broken BEFORE INSERT ON event_blocks WHEN NEW.type='"
        + std::string{event_type} + "' BEGIN SELECT RAISE(ABORT, 'broken');"
        + " END");
  }

  void repair_commits() override {
    run("DROP TRIGGER broken");
  }

private:
  // From a connection of its own, as a person with a shell would.
  void run(const std::string& sql) {
    sqlite3* db = nullptr;
    const auto file = directory_.path() + "/troupe.db";
    auto good = sqlite3_open(file.c_str(), &db) == SQLITE_OK
                && sqlite3_busy_timeout(db, 5000) == SQLITE_OK
                && sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr)
                     == SQLITE_OK;
    sqlite3_close(db);
    if (!good)
      throw std::runtime_error{"could not run " + sql};
  }

  temporary_directory directory_;
};

} // namespace

std::unique_ptr<store_maker> make_store_maker() {
  return std::make_unique<sqlite_maker>();
}

} // namespace troupe::test
