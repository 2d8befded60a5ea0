// What the store in PostgreSQL promises beyond the contract (reliability.md
// 1.7, design.md 4).
#include "persistence/codec.hpp"
#include "persistence/postgres/connection.hpp"
#include "persistence/postgres/migrations.hpp"
#include "persistence/postgres/postgres_store.hpp"
#include "tests/support/driven_contact.hpp"
#include "tests/support/postgres_cluster.hpp"
#include "tests/support/postgres_proxy.hpp"
#include "tests/support/random_values.hpp"
#include "tests/support/world.hpp"

#include <catch2/catch.hpp>
#include <libpq-fe.h>

#include <atomic>
#include <thread>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::persistence;
using engine::position;
using postgres::access;
using postgres::connection;
using fault = postgres_proxy::fault;

namespace {

constexpr engine::workspace_id here{7};

std::unique_ptr<store> open(const std::string& url) {
  auto made = postgres::open_store(url, noon);
  REQUIRE(made);
  return std::move(*made);
}

driven_contact contact(std::uint64_t n) {
  return {here, engine::contact_id{n}};
}

unit_outcome commit(store& to, const driven_contact& one) {
  const std::vector units{one.unit()};
  const auto outcomes = to.commit(units, {});
  if (!outcomes)
    FAIL(outcomes.failure().message);
  return outcomes->front();
}

position save(store& to, driven_contact& one) {
  const auto outcome = commit(to, one);
  REQUIRE(std::holds_alternative<committed>(outcome));
  const auto first = std::get<committed>(outcome).first;
  one.committed(first);
  return first;
}

/// It is asked now and then until it is there again.
void wait_for(store& away) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (!away.reach()) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::yield();
  }
}

/// Half of a key as its column has it.
std::string half(std::uint64_t of) {
  return std::to_string(static_cast<std::int64_t>(of));
}

/// Ends the connections of stores, as a restart of the server does.
void end_connections(const postgres_database& of) {
  of.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
         " WHERE datname=current_database() AND pid <> pg_backend_pid()");
}

/// A store that reaches its database through a proxy.
struct proxied_store {
  postgres_database database;
  postgres_proxy proxy{postgres_cluster::shared().directory()};
  std::string url = database.url() + "&host=" + proxy.directory();
  std::unique_ptr<store> held = open(url);
};

} // namespace

TEST_CASE("K4 the lost answer to a COMMIT is found out before anyone is "
          "answered",
          "[postgres]") {
  proxied_store at;
  auto one = contact(1);
  one.see(event("first"));
  save(*at.held, one);
  const auto lost = GENERATE(fault::lose_commit_answer, fault::lose_second_trip,
                             fault::cut_second_trip);
  at.proxy.plan(lost);
  auto& rows = one.see(event("second"));
  rows.key = key(1);
  rows.timers_set = {{noon + std::chrono::hours{1}, 1, 1}};
  CHECK(save(*at.held, one) == position{2});
  one.see(event("third"));
  CHECK(save(*at.held, one) == position{3});
  CHECK(at.database.run("SELECT count(*) FROM turns") == "3");
  CHECK(at.database.run("SELECT count(*) FROM timers") == "1");
  CHECK(at.database.run("SELECT count(*) FROM keys") == "1");
  const auto reader = at.held->open_reader();
  CHECK((*reader)->load(one.id())->state.seq == 3);
}

TEST_CASE("K4 over a network that breaks at random nothing is lost and nothing "
          "twice",
          "[postgres]") {
  proxied_store at;
  const auto seed = test_seed();
  CAPTURE(seed);
  dice random{seed};
  std::vector<driven_contact> contacts{contact(1), contact(2), contact(3)};
  constexpr fault faults[] = {fault::none, fault::lose_commit_answer,
                              fault::lose_second_trip, fault::cut_second_trip};
  constexpr std::uint64_t rounds = 60;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    at.proxy.plan(faults[random.below(std::size(faults))]);
    auto& one = contacts[random.below(contacts.size())];
    auto& rows = one.see(
      event("e", "{}", {external("usr_" + half(engine::number(one.id())))}));
    rows.key = key(round);
    rows.matched = {engine::destination_id{5}};
    save(*at.held, one);
  }
  const auto reader = at.held->open_reader();
  for (const auto& one : contacts)
    if (one.state().seq != 0)
      CHECK(state_hash((*reader)->load(one.id())->state)
            == state_hash(one.state()));
  for (const auto* table : {"turns", "keys", "outbox"})
    CHECK(at.database.run(std::string{"SELECT count(*) FROM "} + table)
          == std::to_string(rounds));
  CHECK(*(*reader)->newest_turn() == position{rounds});
}

TEST_CASE("K4 the lost answer to a change of a definition is found out",
          "[postgres]") {
  proxied_store at;
  workspace_row row;
  row.text_id = "ws_1";
  at.proxy.plan(fault::lose_commit_answer);
  const auto made = at.held->put(row);
  REQUIRE(made);
  CHECK(at.database.run("SELECT count(*) FROM workspaces") == "1");
}

TEST_CASE(
  "a group that meets another writer's rows is begun again, and refused "
  "by name",
  "[postgres]") {
  using reason = refused::reason;
  proxied_store at;
  auto one = contact(1);
  auto good = contact(2);
  for (auto* each : {&one, &good}) {
    each
      ->see(
        event("warm", "{}",
              {external("usr_" + std::to_string(engine::number(each->id())))}))
      .key
      = key(engine::number(each->id()));
    save(*at.held, *each);
  }
  one.see(event("e", "{}", {external("usr_1"), email("a@example.com")})).key
    = key(7);
  good.see(event("e"));
  // As one lane of several would, between what the group reads and writes.
  const auto [sql, why] = GENERATE(table<std::string, reason>(
    {{"INSERT INTO identities VALUES (7, 2, 'a@example.com', 9)",
      reason::identity_taken},
     {"INSERT INTO keys SELECT slot, " + half(key(7).key_high) + ", "
        + half(key(7).key_low) + ", 99, at FROM keys LIMIT 1",
      reason::key_used},
     {"UPDATE heads SET pos=99 WHERE contact=1", reason::stale}}));
  CAPTURE(sql);
  at.proxy.before_second_trip([&, &sql = sql] {
    at.database.run(sql);
  });
  const std::vector units{one.unit(), good.unit()};
  const auto outcomes = at.held->commit(units, {});
  REQUIRE(outcomes);
  REQUIRE(std::holds_alternative<refused>((*outcomes)[0]));
  CHECK(std::get<refused>((*outcomes)[0]).why == why);
  CHECK(std::holds_alternative<committed>((*outcomes)[1]));
  CHECK(at.database.run("SELECT count(*) FROM turns") == "3");
}

TEST_CASE("a delivery is listed also while it leaves the outbox",
          "[postgres]") {
  proxied_store at;
  const auto reader = at.held->open_reader();
  auto one = contact(1);
  one.see(event("e")).matched = {engine::destination_id{5}};
  save(*at.held, one);
  delivery_query query;
  query.destination = engine::destination_id{5};
  query.limit = 10;
  REQUIRE((*reader)->deliveries(query)->deliveries.size() == 1);
  // Between two statements, if there were two.
  at.proxy.before_second_trip([&] {
    at.database.run("DELETE FROM outbox");
    at.database.run("INSERT INTO deliveries VALUES (5, 1, 0, 1, 2, 1, NULL)");
  });
  CHECK((*reader)->deliveries(query)->deliveries.size() == 1);
}

TEST_CASE("a role that owns its database is enough", "[postgres]") {
  postgres_database database;
  const auto name = database.run("SELECT current_database()");
  database.run("CREATE ROLE plain LOGIN; ALTER DATABASE " + name
               + " OWNER TO plain");
  {
    const auto held = open(database.url() + "&user=plain");
    auto one = contact(1);
    one.see(event("e")).key = key(1);
    save(*held, one);
    held->maintain(noon + std::chrono::hours{100});
    const auto reader = held->open_reader();
    CHECK((*reader)->load(one.id())->state.seq == 1);
  }
  database.run("ALTER DATABASE " + name
               + " OWNER TO troupe; DROP OWNED BY plain; DROP ROLE plain");
}

TEST_CASE("a group takes one round trip, whatever its size; two, where it has "
          "to ask",
          "[postgres]") {
  proxied_store at;
  std::vector<driven_contact> contacts;
  for (std::uint64_t n = 1; n <= 100; ++n)
    contacts.push_back(contact(n));
  const auto see = [&](std::size_t count) {
    std::vector<commit_unit> units;
    for (std::size_t i = 0; i < count; ++i) {
      contacts[i].see(event("e", "{}", {external("usr_" + std::to_string(i))}));
      units.push_back(contacts[i].unit());
    }
    const auto before = at.proxy.trips();
    const auto outcomes = at.held->commit(units, {});
    REQUIRE(outcomes);
    for (std::size_t i = 0; i < count; ++i)
      contacts[i].committed(std::get<committed>((*outcomes)[i]).first);
    return at.proxy.trips() - before;
  };
  see(100); // statements are prepared
  see(100);
  CHECK(see(1) == 1);
  CHECK(see(100) == 1);

  auto again = contact(101);
  for (const auto is_used : {false, true}) {
    again.see(event("e")).key = key(1);
    const std::vector units{again.unit()};
    const auto outcomes = at.held->commit(units, {});
    REQUIRE(outcomes);
    CHECK(std::holds_alternative<refused>(outcomes->front()) == is_used);
    if (!is_used)
      again.committed(std::get<committed>(outcomes->front()).first);
  }
  CHECK(see(1) == 2); // retries come together
  CHECK(see(100) == 2);
}

TEST_CASE("a store goes on after its connections have ended", "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  const auto reader = held->open_reader();
  auto one = contact(1);
  for (int i = 0; i < 3; ++i) {
    one.see(event("e"));
    save(*held, one);
    CHECK((*reader)->load(one.id())->state.seq == one.state().seq);
    end_connections(database);
  }
  CHECK((*reader)->load(one.id())->state.seq == 3);
  workspace_row row;
  row.text_id = "ws_1";
  REQUIRE(held->put(row));
}

TEST_CASE("a writer whose lane was taken writes nothing any more",
          "[postgres]") {
  postgres_database database;
  const auto first = open(database.url());
  auto one = contact(1);
  one.see(event("e"));
  save(*first, one);
  end_connections(database);
  const auto second = open(database.url());
  one.see(event("e"));
  const std::vector units{one.unit()};
  const auto refused = first->commit(units, {});
  REQUIRE_FALSE(refused);
  CHECK(is_outcome_unknown(refused.failure())); // it was on its way
  CHECK(first->commit(units, {}).failure().name == "store_taken");
  CHECK(first->reach().failure().name == "store_taken");
  workspace_row row;
  row.text_id = "ws_1";
  CHECK_FALSE(first->put(row));
  CHECK(database.run("SELECT count(*) FROM turns") == "1");
  save(*second, one);
}

TEST_CASE("a change of a definition is told to others, and theirs is heard",
          "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  auto other = connection::open(database.url(), access::write);
  REQUIRE(other);
  const auto other_hears = [&] {
    REQUIRE(other->execute("LISTEN troupe_definitions"));
    return other->was_told();
  };
  const auto hears = [&] {
    REQUIRE(held->reach());
    return held->take_definition_changes();
  };
  CHECK_FALSE(other_hears());
  CHECK_FALSE(hears());
  workspace_row row;
  row.text_id = "ws_1";
  REQUIRE(held->put(row));
  CHECK(other_hears());
  CHECK_FALSE(other_hears());
  CHECK_FALSE(hears()); // what it said itself
  auto one = contact(1);
  one.see(event("e"));
  save(*held, one);
  CHECK_FALSE(other_hears());
  REQUIRE(other->execute("NOTIFY troupe_definitions"));
  CHECK(hears());
  CHECK_FALSE(hears());
}

TEST_CASE("a writer whose connection ended takes definitions for changed",
          "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  end_connections(database);
  wait_for(*held);
  CHECK(held->take_definition_changes());
  CHECK_FALSE(held->take_definition_changes());
}

TEST_CASE("a connection that is back without its lane is none", "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  auto one = contact(1);
  one.see(event("e"));
  save(*held, one);
  database.run("ALTER TABLE lanes RENAME TO elsewhere");
  end_connections(database);
  one.see(event("e"));
  const std::vector units{one.unit()};
  const auto failed = held->commit(units, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.failure().code == engine::errc::storage_unavailable);
  database.run("ALTER TABLE elsewhere RENAME TO lanes");
  wait_for(*held);
  CHECK(save(*held, one) == position{2});
  CHECK(database.run("SELECT generation FROM lanes") == "2");
  CHECK(database.run("SELECT count(*) FROM pg_locks WHERE locktype='advisory'"
                     " AND database=(SELECT oid FROM pg_database"
                     " WHERE datname=current_database())")
        == "1");
}

TEST_CASE("a server that may lose commits is refused", "[postgres]") {
  const std::string setting = GENERATE("fsync", "full_page_writes");
  postgres_cluster unsafe{{setting + "=off"}};
  const auto opened = postgres::open_store(unsafe.url("postgres"), noon);
  REQUIRE_FALSE(opened);
  CHECK(opened.failure().name == "store_unusable");
  CHECK(opened.failure().message.find(setting) != std::string::npos);
}

TEST_CASE("a session waits for its commits to be durable whatever is set",
          "[postgres]") {
  postgres_database database;
  const std::string set = GENERATE("off", "local", "on", "remote_apply");
  database.run("ALTER DATABASE " + database.run("SELECT current_database()")
               + " SET synchronous_commit=" + set);
  auto db = connection::open(database.url(), access::write);
  REQUIRE(db);
  postgres::statement asked{
    *db, "SELECT convert_to(current_setting('synchronous_commit'), 'UTF8')"};
  REQUIRE(asked.step());
  CHECK(asked.text(0) == (set == "remote_apply" ? "remote_apply" : "on"));
}

TEST_CASE("a reading connection cannot write", "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  auto db = connection::open(database.url(), access::read);
  REQUIRE(db);
  CHECK_FALSE(db->execute("DELETE FROM turns"));
  CHECK(db->state() == "25006"); // read_only_sql_transaction
}

TEST_CASE("processes that bring the schema up to date at once do it once",
          "[postgres]") {
  postgres_database database;
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      auto db = connection::open(database.url(), access::write);
      if (db && postgres::migrate(*db))
        ++good;
    });
  for (auto& each : threads)
    each.join();
  CHECK(good == 8);
  CHECK(database.run("SELECT count(*) FROM schema_migrations")
        == std::to_string(postgres::migrations.size()));
}

TEST_CASE("zero bytes and bytes that are no UTF-8 are kept as they came",
          "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  const std::string odd{"a\0b\xff\xc0\x80'\\x00", 11};
  auto who = external("usr_1");
  who.key = odd;
  who.value = odd;
  auto one = contact(1);
  auto& rows = one.see(event("e"));
  rows.claimed = {who};
  rows.event_type = odd;
  rows.messages.push_back({{1, 2}, noon, here, one.id(), who, odd, odd, 1});
  const auto payload = rows.payload;
  save(*held, one);
  const auto reader = held->open_reader();
  CHECK((*reader)->resolve(here, std::vector{who})->front().contact
        == one.id());
  const auto inbox = (*reader)->inbox(noon, {}, 10);
  REQUIRE(inbox->size() == 1);
  CHECK(inbox->front().target == who);
  CHECK(inbox->front().target->value == odd);
  CHECK(inbox->front().type == odd);
  CHECK(inbox->front().properties == odd);
  event_type_query query;
  query.workspace = here;
  CHECK((*reader)->event_types(query)->front().name == odd);
  CHECK(
    (*reader)->contacts_by_prefix(here, who.kind, odd.substr(0, 4), 10)->size()
    == 1);
}

TEST_CASE("keys of a day go with their table when none can answer any more",
          "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  auto one = contact(1);
  for (std::uint64_t day = 0; day < 3; ++day)
    one.see(event("e"), noon + std::chrono::days{day}).key = key(day);
  one.see(event("e"), noon + std::chrono::days{2}).key = key(9);
  save(*held, one);
  const auto later = noon + std::chrono::days{2} + std::chrono::hours{14};
  CHECK(held->maintain(later)); // a table at a time
  CHECK(database.run("SELECT count(*) FROM keys") == "3");
  CHECK_FALSE(held->maintain(later));
  CHECK(database.run("SELECT count(*) FROM keys") == "2");
  CHECK_FALSE(held->maintain(later + std::chrono::days{3}));
  CHECK(database.run("SELECT count(*) FROM keys") == "0");
  // A table of an old day that nobody emptied is emptied by the next that
  // needs it, four days later.
  one.see(event("e"), noon + std::chrono::days{8}).key = key(10);
  save(*held, one);
  one.see(event("e"), noon + std::chrono::days{12}).key = key(11);
  save(*held, one);
  CHECK(database.run("SELECT count(*) FROM keys") == "1");
}

TEST_CASE("keys that a dump reads are emptied later, and nobody waits for it",
          "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  auto one = contact(1);
  one.see(event("e")).key = key(1);
  save(*held, one);
  const auto later = noon + std::chrono::days{2};
  {
    const auto dump = database.open();
    PQclear(PQexec(dump.get(), "BEGIN; LOCK TABLE keys IN ACCESS SHARE MODE"));
    std::atomic<bool> is_done{false};
    std::atomic<bool> has_waited{false};
    std::thread watching{[&] {
      while (!is_done)
        if (database.run("SELECT count(*) FROM pg_locks WHERE NOT granted")
            != "0")
          has_waited = true;
    }};
    CHECK_FALSE(held->maintain(later));
    is_done = true;
    watching.join();
    CHECK_FALSE(has_waited);
    CHECK(database.run("SELECT count(*) FROM keys") == "1");
    one.see(event("e"), noon).key = key(2);
    save(*held, one);
    PQclear(PQexec(dump.get(), "COMMIT")); // the end of a session takes a while
  }
  held->maintain(later + std::chrono::minutes{2});
  CHECK(database.run("SELECT count(*) FROM keys") == "0");
}

TEST_CASE("turns go on in the next table when one is full", "[postgres]") {
  postgres_database database;
  auto held = open(database.url());
  held.reset();
  // The last turn but two that the first table takes.
  database.run("INSERT INTO turns VALUES (4194301, 7, 99, 1, 0, 0, 1, 0, '')");
  held = open(database.url());
  auto one = contact(1);
  for (int i = 0; i < 4; ++i)
    one.see(event("e", "{}", {external("usr_1")}));
  CHECK(save(*held, one) == position{4194302});
  CHECK(database.run("SELECT count(*) FROM turns_1") == "2");
  one.see(event("e"));
  save(*held, one);
  const auto reader = held->open_reader();
  CHECK((*reader)->load(one.id())->state.seq == 5);
  CHECK((*reader)->turns(one.id(), {}, 10)->turns.size() == 5);
  CHECK((*reader)->turn_at(position{4194304})->stamp.seq == 3);
  CHECK(*(*reader)->newest_turn() == position{4194306});
  // A new one is made before it is needed, and found by the next process.
  held->maintain(noon);
  held = nullptr;
  held = open(database.url());
  one.see(event("e"));
  save(*held, one);
}

TEST_CASE("a table goes as a whole when all its turns are too old",
          "[postgres][retention]") {
  postgres_database database;
  auto held = open(database.url());
  workspace_row fresh;
  fresh.text_id = "ws_1";
  fresh.kind = engine::workspace_kind::live;
  const auto workspace = held->put(fresh)->id;
  driven_contact one{workspace, engine::contact_id{1}};
  one.see(event("e", "{}", {external("usr_1")})).matched
    = {engine::destination_id{5}};
  save(*held, one);
  held.reset();
  // Of nobody, the last but two that the first table takes.
  database.run("INSERT INTO turns VALUES (4194301, "
               + std::to_string(engine::number(workspace))
               + ", 0, 0, 0, 0, 1, 0, '')");
  held = open(database.url());
  const auto later = noon + std::chrono::hours{24 * 401};
  for (const auto when : {noon, noon, later, later})
    one.see(event("e"), when);
  save(*held, one);
  for (int i = 0; i < 20; ++i)
    held->forget_old(later + std::chrono::seconds{i});
  CHECK(database.run("SELECT count(*) FROM pg_class WHERE relname='turns_0'")
        == "0");
  const auto reader = held->open_reader();
  CHECK((*reader)->turns(one.id(), {}, 10)->turns.size() == 2);
  CHECK((*reader)->turn_at(position{1}).failure().code
        == engine::errc::not_found);
  CHECK(state_hash((*reader)->load(one.id())->state)
        == state_hash(one.state()));
  one.see(event("e"), later);
  CHECK(save(*held, one) == position{4194306});
  CHECK((*reader)->turns(one.id(), {}, 10)->turns.size() == 3);
}

TEST_CASE("no statement reads a whole table that grows", "[postgres]") {
  postgres_database database;
  open(database.url()); // an index on what is empty counts as read
  end_connections(database);
  database.run("SELECT pg_stat_reset()");
  {
    world in{test_seed(), [&] {
               return open(database.url());
             }};
    for (int step = 0; step < 5; ++step)
      in.step(40);
    auto& reader = in.reader();
    event_query query;
    query.workspace = in.contacts().begin()->second.state().workspace;
    query.until = noon + std::chrono::hours{1};
    REQUIRE(reader.events(query));
    query.contact = in.contacts().begin()->first;
    REQUIRE(reader.events(query));
    event_query follow;
    follow.workspace = query.workspace;
    follow.scanned_max = 100;
    REQUIRE(reader.events_after(follow, {}));
    REQUIRE(reader.newest_contacts(query.workspace, {}, 10));
    REQUIRE(reader.contacts_by_prefix(query.workspace,
                                      engine::identity_kind::email, "a", 10));
    REQUIRE(reader.timers(noon, {}, 10));
    REQUIRE(reader.inbox(noon, {}, 10));
    REQUIRE(reader.outbox({engine::destination_id{1}, {}, 0}, 10));
    delivery_query deliveries;
    deliveries.destination = engine::destination_id{1};
    REQUIRE(reader.deliveries(deliveries));
    REQUIRE(reader.deliveries_due(engine::destination_id{1}, noon, 10));
    REQUIRE(reader.live_runs(engine::sequence_id{1}));
    run_query runs;
    runs.sequence = engine::sequence_id{1};
    REQUIRE(reader.runs(runs));
    REQUIRE(reader.segment_contacts(engine::segment_id{1}, {}, 10));
    REQUIRE(reader.contact_count(query.workspace));
  }
  end_connections(database); // a session tells what it has read when it ends
  CHECK(database.run(
          "SELECT string_agg(relname, ' ') FROM pg_stat_user_tables"
          " WHERE seq_scan > 0 AND relname ~ '^(turns|heads|contacts|merges"
          "|identities|keys|kept_keys|timers|inbox|outbox|deliver|runs"
          "|event_blocks|segment_contacts|trigger)'")
        == "");
  CHECK(database.run("SELECT sum(idx_scan) > 100 FROM pg_stat_user_tables")
        == "t");
}

TEST_CASE("who is asked for is looked up, not looked for among all",
          "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  end_connections(database);
  database.run("SELECT pg_stat_reset()");
  {
    const auto reader = held->open_reader();
    std::vector<engine::identity> asked{external("usr_0")};
    // Plans are made now, while there is nothing.
    REQUIRE((*reader)->resolve(here, asked));
    std::vector<driven_contact> contacts;
    std::vector<commit_unit> units;
    for (std::uint64_t n = 0; n < 2000; ++n)
      contacts.push_back(contact(n + 1));
    for (auto& each : contacts) {
      each.see(
        event("e", "{}", {external("usr_" + std::to_string(units.size()))}));
      units.push_back(each.unit());
    }
    REQUIRE(held->commit(units, {}));
    for (int n = 1; n < 100; ++n)
      asked.push_back(external("usr_" + std::to_string(n)));
    REQUIRE((*reader)->resolve(here, asked)->back().contact
            == contacts[99].id());
  }
  end_connections(database);
  CHECK(database.run("SELECT sum(idx_tup_read) < 1000"
                     " FROM pg_stat_user_indexes"
                     " WHERE relname IN ('identities', 'contacts')")
        == "t");
}

TEST_CASE("the server's version and what should be otherwise are known",
          "[postgres]") {
  const auto known
    = postgres::describe_server(postgres_cluster::shared().url("postgres"));
  REQUIRE(known);
  CHECK(known->version.find('.') != std::string::npos);
  CHECK(known->warnings.empty());
  const auto nowhere
    = postgres::describe_server("host=/nowhere dbname=postgres");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.failure().code == engine::errc::storage_unavailable);
}

TEST_CASE("errors of the database tell nothing of what was stored",
          "[postgres]") {
  postgres_database database;
  const auto held = open(database.url());
  workspace_row row;
  row.text_id = "ws_secret";
  REQUIRE(held->put(row));
  const auto twice = held->put(row);
  REQUIRE_FALSE(twice);
  CHECK(twice.failure().message.find("23505") != std::string::npos);
  CHECK(twice.failure().message.find("secret") == std::string::npos);
}

TEST_CASE("X10 an erasure waits for those who still see the rows, and holds up "
          "no other",
          "[postgres][erasures]") {
  postgres_database database;
  const auto held = open(database.url());
  const auto begin = [&](std::uint64_t number) {
    auto one = contact(number);
    one.see(event("e", R"({"n":"canary"})"));
    save(*held, one);
    persistence::erasure_wish wish;
    wish.text_id = "era_" + std::to_string(number);
    wish.workspace = one.state().workspace;
    wish.contact = one.id();
    wish.seq = 1;
    wish.last_turn = one.state().last_turn;
    wish.note.details = "{}";
    REQUIRE(held->begin_erasure(wish));
  };
  const auto erase_until_it_waits = [&] {
    auto came = held->erase_more(noon);
    while (came && *came == persistence::erasing::goes_on)
      came = held->erase_more(noon);
    REQUIRE(came);
    return *came;
  };
  const auto left = [&] {
    return database.run("SELECT count(*) FROM erasures"
                        " WHERE finished_at IS NULL");
  };
  const auto backup = database.open();
  PQclear(PQexec(backup.get(), "BEGIN ISOLATION LEVEL REPEATABLE READ;"
                               "SELECT count(*) FROM turns"));
  begin(1);
  CHECK(erase_until_it_waits() == persistence::erasing::waits);
  begin(2);
  CHECK(erase_until_it_waits() == persistence::erasing::waits);
  CHECK(database.run("SELECT count(*) FROM turns WHERE kind=8") == "2");
  CHECK(left() == "2");
  // A table that was dropped meanwhile has nothing to be cleaned of.
  database.run("UPDATE erasures SET touched='[0,77]' WHERE text_id='era_2'");
  PQclear(PQexec(backup.get(), "COMMIT"));
  while (erase_until_it_waits() == persistence::erasing::waits) {
  }
  CHECK(left() == "0");
}
