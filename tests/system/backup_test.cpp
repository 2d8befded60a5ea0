// K6 F20 `troupe backup`: a copy is made while a server is at work, and another
// server goes on from it. Asked of both stores.
#include "tests/support/command.hpp"
#include "tests/support/tested_binary.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>
#include <libpq-fe.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

using namespace troupe::test;
using Catch::Contains;

namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds patience{60};

const auto* const scored = R"({"key":"scored","status":"active",
  "reentry":"always","trigger":{"any":[{"event":"order.completed"}]},
  "entry":"add","nodes":{
    "add":{"type":"update","score_add":1,"tags_add":["buyer"],"then":"rest"},
    "rest":{"type":"wait","for":"1h","then":"done"},
    "done":{"type":"exit"}}})";

/// Clients that emit until they get no answer.
class load {
public:
  load(const troupe_server& server, int clients) {
    for (int i = 0; i < clients; ++i)
      threads_.emplace_back(
        [this, port = server.port(), key = server.key(), i] {
          api_client api{port, key};
          const auto who = by_external_id("load_" + std::to_string(i));
          for (;;) {
            const auto answer = api.emit(event_body("load.sent", who));
            if (answer.status != 200)
              return;
            const std::lock_guard lock{mutex_};
            acknowledged_.push_back(answer.text("/id"));
          }
        });
  }

  ~load() {
    for (auto& thread : threads_)
      thread.join();
  }

  load(const load&) = delete;
  load& operator=(const load&) = delete;

  std::vector<std::string> acknowledged() {
    const std::lock_guard lock{mutex_};
    return acknowledged_;
  }

  /// Waits for more than there are.
  bool goes_on(std::size_t more) {
    const auto now = acknowledged().size();
    return eventually([&] {
      return acknowledged().size() >= now + more;
    });
  }

private:
  std::mutex mutex_;
  std::vector<std::string> acknowledged_;
  std::vector<std::thread> threads_;
};

/// Where a backup is restored to: empty, and of the store that is tested.
struct target {
  temporary_directory directory;
  std::unique_ptr<postgres_database> database = make_tested_database();

  [[nodiscard]] std::string data() const {
    return directory.path() + "/restored";
  }

  [[nodiscard]] std::vector<std::string> arguments() const {
    std::vector<std::string> all{"--data-dir", data()};
    if (database)
      all.insert(all.end(), {"--store", database->url()});
    return all;
  }

  [[nodiscard]] bool has_store() const {
    return database ? database->run("SELECT count(*) FROM pg_class WHERE"
                                    " relnamespace='public'::regnamespace")
                        != "0"
                    : fs::exists(data() + "/troupe.db");
  }
};

/// A server over a store that is there.
class second_server {
public:
  explicit second_server(const target& of, const std::string& key)
    : process_{words_for(of), of.directory.path() + "/stderr"} {
    const auto line = process_.read_line(patience).value_or("");
    INFO(line);
    REQUIRE(line.find("\"ready\":true") != line.npos);
    const auto url
      = std::string{boost::json::parse(line).at("url").as_string()};
    client = api_client{
      static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))),
      key};
  }

  static std::vector<std::string> words_for(const target& of) {
    std::vector<std::string> words{tested_binary(),
                                   "serve",
                                   "--listen",
                                   "127.0.0.1:0",
                                   "--first-key-file",
                                   of.directory.path() + "/unused-key",
                                   "--allow-private-webhooks"};
    for (const auto& each : of.arguments())
      words.push_back(each);
    return words;
  }

  api_client client{0};

private:
  process process_;
};

command_result backup(const std::string& what, const std::string& directory,
                      const std::vector<std::string>& more = {},
                      const std::vector<std::string>& environment = {}) {
  std::vector<std::string> words{"backup", what, directory};
  words.insert(words.end(), more.begin(), more.end());
  auto done = run_troupe(words, environment);
  UNSCOPED_INFO(what << ": " << done.output << done.errors);
  return done;
}

std::string picture(api_client& api, const std::string& who) {
  return contact_of(api, who).body + contact_of(api, who, "/runs").body
         + contact_of(api, who, "/timeline").body
         + api.get("/v1/events?contact[external_id]=" + who).body;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_bytes(const fs::path& file, const std::string& bytes) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

} // namespace

TEST_CASE("K6 F20 a backup made under load has every event that was "
          "acknowledged before, and a server goes on from it",
          "[system][backup]") {
  troupe_server server;
  auto api = server.client();
  publish(api, scored);
  std::uint16_t port = 0;
  {
    webhook_sink once; // so that nobody else has the port now
    port = once.port();
  }
  REQUIRE(
    subscribe(api, "http://127.0.0.1:" + std::to_string(port), "order.*").status
    == 201);
  const auto body = event_body(
    "order.completed", R"({"external_id":"usr_1","email":"ada@example.com"})");
  const auto first = api.emit(body, "ord_1:completed");
  REQUIRE(first.status == 200);
  const auto before = picture(api, "usr_1");

  const temporary_directory directory;
  const auto copy = directory.path() + "/copy";
  std::vector<std::string> known;
  std::vector<std::string> lost;
  {
    load clients{server, 8};
    REQUIRE(clients.goes_on(300));
    known = clients.acknowledged();
    REQUIRE(backup("create", copy, server.store_arguments()).code == 0);
    const auto then = clients.acknowledged().size();
    REQUIRE(clients.goes_on(100)); // it held up nobody for good
    server.kill();
    lost = clients.acknowledged();
    lost.erase(lost.begin(), lost.begin() + static_cast<std::ptrdiff_t>(then));
  }
  const auto good = backup("verify", copy, {"--output", "json"});
  REQUIRE(good.code == 0);
  CHECK(boost::json::parse(good.output).at("result") == "good");

  const target to;
  REQUIRE(backup("restore", copy, to.arguments()).code == 0);
  webhook_sink sink{{}, port};
  second_server second{to, server.key()};
  auto& restored = second.client;
  CHECK(picture(restored, "usr_1") == before);
  for (const auto& each : known)
    CHECK(restored.get("/v1/events/" + each).status == 200);
  // What was on its way is sent, what was known is still known.
  const auto calls = sink.wait_for(1, std::chrono::seconds{30});
  REQUIRE_FALSE(calls.empty());
  CHECK_THAT(calls.front().body, Contains(first.text("/id")));
  const auto again = restored.emit(body, "ord_1:completed");
  CHECK(again.header("idempotent-replay") == "true");
  CHECK(again.body == first.body);
  // New events take the places of those that were lost, not their ids.
  for (std::size_t i = 0; i < lost.size() + 10; ++i)
    REQUIRE(
      restored.emit(event_body("after.it", by_external_id("usr_2"))).status
      == 200);
  for (const auto& each : lost)
    CHECK(restored.get("/v1/events/" + each).status == 404);
  REQUIRE(restored.emit(body).status == 200);
  CHECK(contact_of(restored, "usr_1").number("/score") == 2);
}

TEST_CASE("K6 a backup is its owner's alone, and sha256sum can check it",
          "[system][backup]") {
  troupe_server server;
  const temporary_directory directory;
  const auto copy = directory.path() + "/copy";
  umask(0);
  const auto done = backup("create", copy + "/", server.store_arguments());
  umask(022);
  REQUIRE(done.code == 0);
  int files = 0;
  for (const auto& each : fs::directory_iterator{copy}) {
    CAPTURE(each.path().string());
    CHECK((each.status().permissions() & fs::perms::mask)
          == (fs::perms::owner_read | fs::perms::owner_write));
    ++files;
  }
  CHECK(files == 3); // the copy, its manifest, their sums
  CHECK(fs::status(copy).permissions() == fs::perms::owner_all);
  process sums{
    {"/bin/sh", "-c", "cd '" + copy + "' && sha256sum --strict -c SHA256SUMS"},
    directory.path() + "/stderr"};
  CHECK(sums.wait(patience) == 0);
  // Nothing else is left beside it.
  CHECK(std::distance(fs::directory_iterator{directory.path()},
                      fs::directory_iterator{})
        == 2);
}

TEST_CASE("K6 any byte of a backup that is another one is found, and nothing "
          "is restored from it",
          "[system][backup]") {
  troupe_server server;
  auto api = server.client();
  REQUIRE(api.emit(event_body("a.b", by_external_id("usr_1"))).status == 200);
  const temporary_directory directory;
  const auto copy = directory.path() + "/copy";
  REQUIRE(backup("create", copy, server.store_arguments()).code == 0);
  const target to;
  const auto is_refused = [&] {
    const auto found = backup("verify", copy, {"--output", "json"});
    CHECK(found.code == 1);
    CHECK(boost::json::parse(found.output).at("result") == "bad");
    const auto done = backup("restore", copy, to.arguments());
    CHECK(done.code == 1);
    CHECK_FALSE(to.has_store());
  };
  const std::vector<fs::path> files(fs::directory_iterator{copy},
                                    fs::directory_iterator{});
  for (const auto& file : files) {
    const auto whole = bytes_of(file);
    for (const auto place :
         {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
      CAPTURE(file.string(), place);
      auto damaged = whole;
      damaged[place] ^= 1;
      write_bytes(file, damaged);
      is_refused();
    }
    CAPTURE(file.string());
    write_bytes(file, whole.substr(0, whole.size() - 1));
    is_refused();
    fs::remove(file);
    is_refused();
    write_bytes(file, whole);
  }
  CHECK(backup("verify", copy).code == 0);
  CHECK(backup("restore", copy, to.arguments()).code == 0);
  CHECK(to.has_store());
}

TEST_CASE("K6 nothing is restored over what is there", "[system][backup]") {
  troupe_server server;
  auto api = server.client();
  const auto made = api.emit(event_body("a.b", by_external_id("usr_1")));
  REQUIRE(made.status == 200);
  const temporary_directory directory;
  const auto copy = directory.path() + "/copy";
  REQUIRE(backup("create", copy, server.store_arguments()).code == 0);
  const auto running = backup("restore", copy, server.store_arguments());
  CHECK(running.code == 1);
  CHECK_THAT(running.errors, Contains("another troupe process is using it"));
  CHECK(server.stop() == 0);
  const auto stopped = backup("restore", copy, server.store_arguments());
  CHECK(stopped.code == 1);
  CHECK_THAT(stopped.errors, Contains("(target_not_empty)"));
  server.start();
  api = server.client();
  CHECK(event_of(api, made).status == 200);
  const auto again = backup("create", copy, server.store_arguments());
  CHECK(again.code == 1);
  CHECK_THAT(again.errors, Contains("(backup_exists)"));
}

TEST_CASE("K6 a restore that was killed in the middle leaves nothing that is "
          "served, and can be done again",
          "[system][backup]") {
  troupe_server server;
  auto api = server.client();
  const auto made = api.emit(event_body("a.b", by_external_id("usr_1")));
  REQUIRE(made.status == 200);
  const temporary_directory directory;
  const auto copy = directory.path() + "/copy";
  REQUIRE(backup("create", copy, server.store_arguments()).code == 0);
  const target to;
  const auto errors = directory.path() + "/stderr";
  std::vector<std::string> words{tested_binary(), "backup", "restore", copy};
  for (const auto& each : to.arguments())
    words.push_back(each);
  if (to.database) {
    // It waits for a table that somebody else may make.
    const auto other = to.database->open();
    PQclear(PQexec(other.get(), "BEGIN; CREATE TABLE turns (a int)"));
    process restoring{words, errors};
    REQUIRE(eventually([&] {
      return to.database->run("SELECT count(*) FROM pg_stat_activity WHERE"
                              " datname=current_database()"
                              " AND wait_event_type='Lock'")
             == "1";
    }));
    restoring.signal(SIGKILL);
    CHECK(restoring.wait(patience) == 128 + SIGKILL);
    PQclear(PQexec(other.get(), "ROLLBACK"));
    REQUIRE(eventually([&] {
      return to.database->run("SELECT count(*) FROM pg_stat_activity WHERE"
                              " datname=current_database()"
                              " AND application_name LIKE 'troupe%'")
             == "0";
    }));
  } else {
    // The kernel kills who writes more than it may.
    words.insert(words.begin(),
                 {"/usr/bin/prlimit", "--fsize=100000", "--core=0"});
    process restoring{words, errors};
    CHECK(restoring.wait(patience) == 128 + SIGXFSZ);
    process serving{second_server::words_for(to), errors};
    CHECK(serving.wait(patience) == 1);
    CHECK_THAT(bytes_of(errors), Contains("was not restored to its end"));
  }
  CHECK_FALSE(to.has_store());
  REQUIRE(backup("restore", copy, to.arguments()).code == 0);
  second_server second{to, server.key()};
  CHECK(event_of(second.client, made).status == 200);
}

TEST_CASE("K6 where there is no store, or no backup, that is said",
          "[system][backup]") {
  const target nothing;
  const temporary_directory directory;
  const auto copy = directory.path() + "/copy";
  const auto none = backup("create", copy, nothing.arguments());
  CHECK(none.code == 1);
  CHECK_THAT(none.errors, Contains("(backup_no_store)"));
  CHECK(fs::is_empty(directory.path()));
  for (const auto* what : {"verify", "restore"}) {
    const auto done = backup(what, directory.path());
    CHECK(done.code == 1);
    CHECK_THAT(done.errors, Contains("(backup_unreadable)"));
  }
  CHECK(run_troupe({"backup", "create"}).code == 2);
}

TEST_CASE("K6 the first key of the data directory is part of its backup",
          "[system][backup]") {
  if (!tested_server().empty())
    return; // its key is wherever it was shown
  const target from;
  std::vector<std::string> words{tested_binary(), "serve", "--listen",
                                 "127.0.0.1:0"};
  for (const auto& each : from.arguments())
    words.push_back(each);
  process server{words, from.directory.path() + "/stderr"};
  REQUIRE(server.read_line(patience));
  const auto copy = from.directory.path() + "/copy";
  REQUIRE(backup("create", copy, from.arguments()).code == 0);
  REQUIRE(backup("verify", copy).code == 0);
  const target to;
  REQUIRE(backup("restore", copy, to.arguments()).code == 0);
  const auto key = bytes_of(to.data() + "/first-key");
  CHECK_THAT(key, Catch::StartsWith("tr_live_"));
  second_server second{to, key.substr(0, key.find('\n'))};
  CHECK(second.client.get("/v1/events").status == 200);
}

TEST_CASE("K6 a backup of one store is not restored into the other",
          "[system][backup]") {
  troupe_server server;
  const temporary_directory directory;
  const auto copy = directory.path() + "/copy";
  REQUIRE(backup("create", copy, server.store_arguments()).code == 0);
  const auto other
    = server.database() != nullptr
        ? std::vector<std::string>{"--data-dir", directory.path() + "/data"}
        : std::vector<std::string>{"--store", "postgresql:///nowhere"};
  const auto done = backup("restore", copy, other);
  CHECK(done.code == 1);
  CHECK_THAT(done.errors, Contains("(backup_of_other_store)"));
}

TEST_CASE("K6 L2 PostgreSQL's programs are asked for where they are missing or "
          "too old, and see the password in their environment alone",
          "[system][backup]") {
  troupe_server server;
  if (server.database() == nullptr)
    return;
  const temporary_directory directory;
  const auto copy = directory.path() + "/copy";
  const auto missing = backup("create", copy, server.store_arguments(),
                              {"PATH=" + directory.path()});
  CHECK(missing.code == 1);
  CHECK_THAT(missing.errors, Contains("(backup_tool_missing)"));
  const auto script = directory.path() + "/pg_dump";
  const auto write_script = [&](const std::string& text) {
    std::ofstream{script} << "#!/bin/sh\n" << text;
    fs::permissions(script, fs::perms::owner_all);
  };
  const auto path = "PATH=" + directory.path() + ":/usr/bin:/bin";
  write_script("echo 'pg_dump (PostgreSQL) 9.6.24'\n");
  const auto old = backup("create", copy, server.store_arguments(), {path});
  CHECK(old.code == 1);
  CHECK_THAT(old.errors, Contains("(backup_tool_too_old)"));
  const auto told = directory.path() + "/told";
  write_script("[ \"$1\" != --version ] || exec echo"
               " 'pg_dump (PostgreSQL) 99.1'\n"
               "{ echo \"$@\"; tr '\\0' ' ' </proc/$$/cmdline;"
               " echo \"password $PGPASSWORD\"; } >'"
               + told + "'\necho 'it is no day for this' >&2\nexit 1\n");
  const auto failed = backup(
    "create", copy, {"--store", server.database()->url() + "&password=canary"},
    {path});
  CHECK(failed.code == 1);
  CHECK_THAT(failed.errors, Contains("it is no day for this"));
  CHECK_THAT(failed.errors, Contains("(backup_tool_failed)"));
  CHECK_THAT(failed.errors, !Contains("canary"));
  const auto all = bytes_of(told);
  CHECK_THAT(all, Contains("password canary"));
  CHECK(all.find("canary") == all.rfind("canary"));
  CHECK_FALSE(fs::exists(copy));
}
