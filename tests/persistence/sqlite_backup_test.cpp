// Copies of the embedded store: what they do to it, and what is found in them.
#include "persistence/codec.hpp"
#include "persistence/sqlite/backup.hpp"
#include "persistence/sqlite/connection.hpp"
#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/support/driven_contact.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::persistence;

namespace {

std::string bytes_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// A store with a contact of many turns, whose snapshot is in the middle.
struct stored {
  stored() {
    for (int i = 0; i < 40; ++i) {
      one.see(event("e", "{\"n\":" + std::to_string(i) + "}",
                    {external("usr_1"), email("ada@example.com")}));
      commit(i == 20);
    }
  }

  void commit(bool with_snapshot = false) {
    const std::vector units{one.unit(with_snapshot)};
    const auto outcomes = held->commit(units, {});
    REQUIRE(outcomes);
    one.committed(std::get<committed>(outcomes->front()).first);
  }

  temporary_directory at;
  std::unique_ptr<store> held = std::move(*sqlite::open_store(at.path(), noon));
  driven_contact one{engine::workspace_id{1}, engine::contact_id{1}};
  std::string copy = at.path() + "/copy.db";
};

} // namespace

TEST_CASE("a copy is of one moment, and leaves database and log as they are",
          "[sqlite][backup]") {
  stored with;
  const auto file = with.at.path() + "/troupe.db";
  const auto before = bytes_of(file) + bytes_of(file + "-wal");
  REQUIRE(sqlite::copy_store(with.at.path(), with.copy));
  CHECK(bytes_of(file) + bytes_of(file + "-wal") == before);
  with.one.see(event("e"));
  with.commit();
  const auto facts = sqlite::facts_of(with.copy);
  REQUIRE(facts);
  CHECK(facts->newest_turn == 40);
  const auto found = sqlite::examine(with.copy);
  REQUIRE(found);
  CHECK(found->faults.empty());
  CHECK(found->contacts == 1);
  CHECK(found->turns == 40);
  CHECK(std::filesystem::exists(with.copy + "-wal") == false);
  // Nor over another file.
  CHECK_FALSE(sqlite::copy_store(with.at.path(), with.copy));
}

TEST_CASE(
  "a copy that takes several steps is of one moment while commits go on",
  "[sqlite][backup]") {
  stored with;
  const auto body = "{\"x\":\"" + std::string(50'000, 'x') + "\"}";
  for (int i = 0; i < 500; ++i) { // 25 MB: a step is 16 MiB
    with.one.see(event("e", body));
    with.commit();
  }
  std::atomic<bool> is_done{false};
  std::atomic<int> commits{0};
  std::thread writing{[&] {
    while (!is_done) {
      with.one.see(event("e"));
      const std::vector units{with.one.unit()};
      const auto outcomes = with.held->commit(units, {});
      if (!outcomes) {
        commits = -1;
        return;
      }
      with.one.committed(std::get<committed>(outcomes->front()).first);
      ++commits;
    }
  }};
  while (commits == 0)
    std::this_thread::yield();
  const auto copied = sqlite::copy_store(with.at.path(), with.copy);
  const auto then = commits.load();
  while (commits == then)
    std::this_thread::yield();
  is_done = true;
  writing.join();
  REQUIRE(copied);
  REQUIRE(commits > then);
  CHECK(sqlite::facts_of(with.copy)->newest_turn > 540);
  CHECK(sqlite::facts_of(with.copy)->newest_turn
        <= 541 + static_cast<std::uint64_t>(then));
  CHECK(sqlite::examine(with.copy)->faults.empty());
}

TEST_CASE("a copy of a store that was killed has what is in its log alone",
          "[sqlite][backup]") {
  stored with;
  temporary_directory killed; // a log without the process that had it
  for (const auto* name : {"/troupe.db", "/troupe.db-wal"})
    std::filesystem::copy(with.at.path() + name, killed.path() + name);
  const auto before = bytes_of(killed.path() + "/troupe.db");
  REQUIRE(sqlite::copy_store(killed.path(), with.copy));
  CHECK(bytes_of(killed.path() + "/troupe.db") == before);
  CHECK(sqlite::facts_of(with.copy)->newest_turn == 40);
}

TEST_CASE("what does not agree in a copy is found", "[sqlite][backup]") {
  const auto [change, fault] = GENERATE(table<std::string, std::string>({
    {"DELETE FROM turns WHERE contact_seq=7", "do not follow"},
    {"UPDATE turns SET previous=3 WHERE contact_seq=7", "do not follow"},
    {"UPDATE heads SET pos=39, contact_seq=39", "belong to no head"},
    {"UPDATE heads SET contact_seq=39", "not the newest turn"},
    {"DELETE FROM heads", "belong to no head"},
    {"UPDATE contacts SET snapshot_seq=41", "snapshots are newer"},
    {"UPDATE contacts SET snapshot_seq=21", "do not give its snapshot"},
    {"UPDATE turns SET payload=(SELECT payload FROM turns WHERE pos=1)"
     " WHERE pos=9",
     "do not give its snapshot"},
    {"UPDATE turns SET payload=x'00' WHERE pos=9", "cannot be read"},
    {"UPDATE contacts SET state=x'00'", "cannot be read"},
    {"UPDATE identities SET contact=2", "identities belong"},
    {"INSERT INTO outbox VALUES (1, 1000, 0)", "deliveries are of no turn"},
    {"INSERT INTO runs VALUES (1, 1000, 1, 1, 1, 1, 1, 'n', 0, NULL)",
     "runs were started"},
    {"INSERT INTO api_keys (text_id, workspace, prefix, hash, scopes,"
     " revoked) VALUES ('k', 99, 'p', x'', 1, 0)",
     "refers to nothing"},
  }));
  stored with;
  REQUIRE(sqlite::copy_store(with.at.path(), with.copy));
  {
    auto db = sqlite::connection::open(with.copy, sqlite::access::write);
    REQUIRE(db);
    CAPTURE(change);
    REQUIRE(db->execute("PRAGMA foreign_keys=OFF"));
    REQUIRE(db->execute(change.c_str()));
  }
  const auto found = sqlite::examine(with.copy);
  REQUIRE(found);
  REQUIRE_FALSE(found->faults.empty());
  CHECK_THAT(found->faults.front(), Catch::Contains(fault));
}

TEST_CASE("a file name means itself, whatever is in it", "[sqlite][backup]") {
  stored with;
  const auto odd = with.at.path() + "/100%?mode=memory#x.db";
  REQUIRE(sqlite::copy_store(with.at.path(), odd));
  CHECK(sqlite::facts_of(odd)->newest_turn == 40);
}
