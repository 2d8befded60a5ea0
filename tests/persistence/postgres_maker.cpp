// Plugs the store in PostgreSQL into the contract.
#include "persistence/postgres/postgres_store.hpp"
#include "tests/persistence/contract/contract.hpp"
#include "tests/support/postgres_cluster.hpp"

namespace troupe::test {

namespace {

class postgres_maker final : public store_maker {
public:
  engine::result<std::unique_ptr<persistence::store>>
  open(engine::timestamp now) override {
    return persistence::postgres::open_store(database_.url(), now);
  }

  void pretend_newer_schema() override {
    database_.run("INSERT INTO schema_migrations (version) VALUES (1000)");
  }

  void break_commits_of(std::string_view event_type) override {
    // event_blocks is written last of a turn's rows.
    database_.run("CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql"
                  " AS $$BEGIN RAISE 'broken'; END$$;"
                  "CREATE TRIGGER broken BEFORE INSERT ON event_blocks"
                  " FOR EACH ROW WHEN (NEW.type='"
                  + std::string{event_type} + "') EXECUTE FUNCTION breaks()");
  }

  void repair_commits() override {
    database_.run("DROP TRIGGER broken ON event_blocks");
  }

private:
  postgres_database database_;
};

} // namespace

std::unique_ptr<store_maker> make_store_maker() {
  return std::make_unique<postgres_maker>();
}

} // namespace troupe::test
