// What the embedded store promises beyond the contract (reliability.md 1.7).
#include "persistence/sqlite/connection.hpp"
#include "persistence/sqlite/migrations.hpp"
#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/support/driven_contact.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::persistence;
using sqlite::access;
using sqlite::connection;
using sqlite::statement;

namespace {

std::string answer(const connection& db, std::string_view sql) {
  statement asked{db.get(), sql};
  REQUIRE(asked.step());
  return std::string{asked.text(0)};
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat found {};
  REQUIRE(stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777U;
}

std::string bytes_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::unique_ptr<store> open(const std::string& directory) {
  auto made = sqlite::open_store(directory, noon);
  REQUIRE(made);
  return std::move(*made);
}

/// Restores the mask of modes that new files get.
class with_umask {
public:
  explicit with_umask(mode_t mask) : before_(umask(mask)) {}
  ~with_umask() {
    umask(before_);
  }
  with_umask(const with_umask&) = delete;
  with_umask& operator=(const with_umask&) = delete;

private:
  mode_t before_;
};

void commit_bodies(store& to, driven_contact& one, int count,
                   std::size_t size) {
  for (int i = 0; i < count; ++i) {
    one.see(event("e", "{\"x\":\"" + std::string(size, 'x') + "\"}"));
    const std::vector units{one.unit()};
    const auto outcomes = to.commit(units, {});
    REQUIRE(outcomes);
    one.committed(std::get<committed>(outcomes->front()).first);
  }
}

} // namespace

TEST_CASE("the writing connection syncs every commit to a write-ahead log",
          "[sqlite]") {
  temporary_directory at;
  const auto db = connection::open(at.path() + "/x.db", access::write);
  REQUIRE(db);
  CHECK(answer(*db, "PRAGMA synchronous") == "2"); // FULL
  CHECK(answer(*db, "PRAGMA journal_mode") == "wal");
  CHECK(answer(*db, "PRAGMA wal_autocheckpoint") == "0");
  CHECK(answer(*db, "PRAGMA foreign_keys") == "1");
  CHECK(answer(*db, "PRAGMA trusted_schema") == "0");
  CHECK(answer(*db, "PRAGMA cell_size_check") == "1");
  CHECK(answer(*db, "PRAGMA busy_timeout") == "5000");
}

TEST_CASE("a reading connection cannot write and never checkpoints",
          "[sqlite]") {
  temporary_directory at;
  auto writing = connection::open(at.path() + "/x.db", access::write);
  REQUIRE(writing->execute("CREATE TABLE t (a)"));
  auto reading = connection::open(at.path() + "/x.db", access::read);
  REQUIRE(reading);
  CHECK(answer(*reading, "PRAGMA wal_autocheckpoint") == "0");
  CHECK(answer(*reading, "PRAGMA query_only") == "1");
  CHECK_FALSE(reading->execute("INSERT INTO t VALUES (1)"));
  CHECK(reading->execute("SELECT * FROM t"));
}

TEST_CASE("a database that cannot have a write-ahead log is refused",
          "[sqlite]") {
  CHECK_FALSE(connection::open(":memory:", access::write));
}

TEST_CASE("all files of a store are its owner's alone", "[sqlite]") {
  with_umask loose{0};
  temporary_directory parent;
  const auto existed = GENERATE(false, true);
  const auto directory = parent.path() + "/data";
  if (existed)
    REQUIRE(mkdir(directory.c_str(), 0755) == 0);
  auto held = open(directory);
  auto one = driven_contact{engine::workspace_id{1}, engine::contact_id{1}};
  commit_bodies(*held, one, 1, 10);
  const auto reader = held->open_reader();
  if (!existed)
    CHECK(mode_of(directory) == 0700);
  int files = 0;
  for (const auto& each : std::filesystem::directory_iterator{directory}) {
    CAPTURE(each.path().string());
    CHECK(mode_of(each.path()) == 0600);
    ++files;
  }
  CHECK(files == 4); // database, log, its index, lock
}

TEST_CASE("a store whose file is gone is not begun anew", "[sqlite]") {
  temporary_directory at;
  const auto file = at.path() + "/troupe.db";
  open(at.path());
  const auto is_emptied = GENERATE(false, true);
  if (is_emptied)
    std::filesystem::resize_file(file, 0);
  else
    std::filesystem::remove(file);
  const auto refused = sqlite::open_store(at.path(), noon);
  REQUIRE_FALSE(refused);
  CHECK(refused.failure().name == "store_unusable");
  std::filesystem::remove(at.path() + "/troupe.lock");
  CHECK(sqlite::open_store(at.path(), noon));
}

TEST_CASE("readers leave the database file as it is, also the last one",
          "[sqlite]") {
  temporary_directory at;
  auto held = open(at.path());
  auto one = driven_contact{engine::workspace_id{1}, engine::contact_id{1}};
  commit_bodies(*held, one, 50, 1000);
  const auto file = at.path() + "/troupe.db";
  const auto before = bytes_of(file);
  {
    auto reader = held->open_reader();
    REQUIRE((*reader)->load(one.id()));
    auto second = held->open_reader();
    REQUIRE((*second)->load(one.id()));
  }
  CHECK(bytes_of(file) == before);
  auto last = held->open_reader();
  REQUIRE((*last)->load(one.id()));
  held.reset(); // not the last connection: leaves the log too
  CHECK((*last)->load(one.id()));
  *last = nullptr;
  CHECK(bytes_of(file) == before);
  held = open(at.path());
  CHECK((*held->open_reader())->load(one.id())->state.seq == 50);
}

TEST_CASE("upkeep copies a long log into the database file", "[sqlite]") {
  temporary_directory at;
  auto held = open(at.path());
  auto one = driven_contact{engine::workspace_id{1}, engine::contact_id{1}};
  const auto file = at.path() + "/troupe.db";
  const auto before = std::filesystem::file_size(file);
  commit_bodies(*held, one, 10, 100'000);
  held->maintain(noon);
  CHECK(std::filesystem::file_size(file) == before); // not worth it yet
  commit_bodies(*held, one, 190, 100'000);
  held->maintain(noon);
  CHECK(std::filesystem::file_size(file) > 16'000'000);
  CHECK((*held->open_reader())->load(one.id())->state.seq == 200);
}

TEST_CASE("a run's row ends where it started, within a unit or later",
          "[sqlite]") {
  temporary_directory at;
  auto held = open(at.path());
  auto one = driven_contact{engine::workspace_id{1}, engine::contact_id{1}};
  const auto with
    = [](std::vector<engine::change> changes, const engine::contact_state& on) {
        auto turn = decided(on, event("e"), engine::definitions{0}, noon);
        turn.changes = std::move(changes);
        return turn;
      };
  const auto start = [](std::uint32_t number, std::uint32_t ordinal) {
    return engine::run_started{number, ordinal, engine::sequence_id{5},
                               1,      "",      {}};
  };
  const auto end = [](std::uint32_t number) {
    return engine::run_ended{number, engine::run_status::completed, ""};
  };
  const auto commit = [&] {
    const std::vector units{one.unit()};
    const auto outcomes = held->commit(units, {});
    REQUIRE(outcomes);
    one.committed(std::get<committed>(outcomes->front()).first);
  };
  one.add(with({start(1, 1), start(2, 2)}, one.ahead()));
  one.add(with({start(3, 1), start(4, 2), end(4)}, one.ahead()));
  one.add(with({end(1)}, one.ahead()));
  commit();
  one.add(with({end(2)}, one.ahead()));
  commit();
  auto db = connection::open(at.path() + "/troupe.db", access::read);
  const auto active
    = std::to_string(static_cast<int>(engine::run_status::active));
  CHECK(answer(*db, "SELECT count(*) FROM runs") == "4");
  CHECK(answer(*db, "SELECT count(*) FROM run_moves") == "2");
  held->maintain(noon);
  CHECK(answer(*db, "SELECT count(*) FROM run_moves") == "0");
  CHECK(
    answer(*db, "SELECT group_concat(number) FROM runs WHERE status=" + active)
    == "3");
}

TEST_CASE("old keys go in slices, so that no commit waits long for them",
          "[sqlite]") {
  temporary_directory at;
  auto held = open(at.path());
  auto one = driven_contact{engine::workspace_id{1}, engine::contact_id{1}};
  for (std::uint64_t i = 1; i <= 5000; ++i)
    one.see(event("e")).key = key(i);
  const std::vector units{one.unit()};
  REQUIRE(held->commit(units, {}));
  int calls = 0;
  while (held->maintain(noon + std::chrono::hours{48}))
    ++calls;
  CHECK(calls == 2); // and a last one that finds less than a slice
}

TEST_CASE("the version of the library is known", "[sqlite]") {
  CHECK(sqlite::library_version().starts_with("3."));
}

TEST_CASE("a store of the first release opens with what it had", "[sqlite]") {
  temporary_directory at;
  {
    auto db = connection::open(at.path() + "/troupe.db", access::write);
    REQUIRE(db);
    REQUIRE(db->execute(sqlite::migrations[0]));
    REQUIRE(db->execute("INSERT INTO installation VALUES (1, 42);"
                        "INSERT INTO workspaces VALUES (1, 'ws_1', 'old');"
                        "INSERT INTO api_keys VALUES (1, 'key_1', 1,"
                        " 'tr_live_12345678', x'00', 31, 0);"
                        "PRAGMA user_version=1"));
  }
  for (int starts = 0; starts < 2; ++starts) {
    const auto upgraded = open(at.path());
    CHECK(upgraded->seed() == 42);
    CHECK(upgraded->secret().size() == 32);
    const auto reader = upgraded->open_reader();
    REQUIRE(reader);
    const auto workspaces = (*reader)->workspaces();
    REQUIRE(workspaces);
    CHECK(workspaces->front().name == "old");
    CHECK(workspaces->front().kind == engine::workspace_kind::live);
    CHECK(workspaces->front().settings == "{}");
    const auto keys = (*reader)->keys();
    REQUIRE(keys);
    CHECK(keys->front().kind == engine::key_kind::secret);
    CHECK(keys->front().scopes == 31);
  }
}
