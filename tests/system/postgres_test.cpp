// `troupe serve --store postgresql://…`: what is the database's own. Everything
// else is asked of both stores by the same cases.
#include "tests/support/command.hpp"
#include "tests/support/tested_binary.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <csignal>

using namespace troupe::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

const std::string secret = "canaryPassword";

/// A server over a database of a cluster that a test may stop.
struct with_database {
  explicit with_database(const std::vector<std::string>& settings = {})
    : cluster{settings} {}

  [[nodiscard]] troupe_server serve() const {
    return troupe_server{{"--store", database.url()}};
  }

  postgres_cluster cluster;
  postgres_database database{cluster.url("postgres")};
};

command_result refused(const std::string& url,
                       const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"serve", "--listen", "127.0.0.1:0", "--store",
                                 url};
  words.insert(words.end(), more.begin(), more.end());
  return run_troupe(words);
}

std::string readiness(const troupe_server& server) {
  return server.client().get("/readyz").text("/checks/storage");
}

} // namespace

TEST_CASE("a store that is none is refused, and what was given is not repeated",
          "[system][postgres]") {
  const auto url = GENERATE_COPY(values<std::string>({
    "mysql://user:" + secret + "@host/db",
    "host=/tmp password=" + secret,
    "/var/lib/" + secret,
    "postgresql://user:a@" + secret + "@host/db", // an @ that is not encoded
    "postgresql://user:1/" + secret + "@host/db",
    "postgresql://user:a/" + secret + "@host/db",
    "postgresql://user:%zz" + secret + "@host/db",
    "postgresql://host:" + secret + "/db",
    "postgresql://host/db?pasword=" + secret,
  }));
  const auto got = refused(url);
  INFO(got.errors);
  CHECK(got.code == 1);
  CHECK_THAT(got.errors, Contains("store.url (flag --store): the value"));
  CHECK_THAT(got.errors, !Contains(secret));
}

TEST_CASE("L2 the password of the database is in no line, whatever goes wrong",
          "[system][postgres]") {
  const with_database with{{"password_encryption=scram-sha-256"}};
  const auto& directory = with.cluster.directory();
  const auto url = GENERATE_COPY(values<std::string>({
    "postgresql://troupe:" + secret + "@127.0.0.1:1/db",
    "postgresql://troupe:" + secret + "@nowhere.invalid/db",
    "postgresql://nobody:" + secret + "@/postgres?host=" + directory,
    "postgresql://troupe:" + secret + "@/nothing?host=" + directory,
    "postgresql:///postgres?host=/nowhere&user=troupe&password=" + secret,
  }));
  const auto got = refused(url);
  INFO(got.errors);
  CHECK(got.code == 1);
  CHECK_THAT(got.errors, Contains("could not connect to the database"));
  CHECK_THAT(got.errors, !Contains(secret));
  const std::vector<std::string> given{"TROUPE_STORE_URL=" + url};
  for (const auto& words : std::vector<std::vector<std::string>>{
         {"config", "show", "--origin"},
         {"config", "show", "--output", "json"},
         {"config", "check"},
         {"doctor"}}) {
    const auto told = run_troupe(words, given);
    CHECK_THAT(told.output + told.errors, !Contains(secret));
  }
  CHECK_THAT(run_troupe({"config", "show"}, given).output, Contains("***"));
}

TEST_CASE("serve says what it stores in, and tells no password that works",
          "[system][postgres]") {
  const with_database with;
  troupe_server server{{"--store", with.database.url() + "&password=" + secret,
                        "--log-level", "debug"}};
  auto api = server.client();
  CHECK(api.emit(event_body("a.b", by_external_id("usr_1"))).status == 200);
  CHECK_THAT(api.get("/metrics").body, !Contains(secret));
  CHECK(server.stop() == 0);
  CHECK_THAT(server.errors(), Contains(R"("store":"postgresql")"));
  CHECK_THAT(server.errors(), !Contains(secret));
}

TEST_CASE("a server that may lose what it confirmed is refused by name",
          "[system][postgres]") {
  const with_database with{{"full_page_writes=off"}};
  const auto got = refused(with.database.url());
  CHECK(got.code == 1);
  CHECK_THAT(got.errors, Contains("full_page_writes is off"));
  const auto doctor
    = run_troupe({"doctor"}, {"TROUPE_STORE_URL=" + with.database.url()});
  CHECK(doctor.code == 1);
  CHECK_THAT(doctor.output, Contains("full_page_writes is off"));
}

TEST_CASE(
  "doctor tells the server's version, and serve warns of what is not as "
  "safe as it could be",
  "[system][postgres]") {
  const with_database with{{"data_sync_retry=on"}};
  const auto doctor
    = run_troupe({"doctor"}, {"TROUPE_STORE_URL=" + with.database.url()});
  CHECK_THAT(doctor.output, Contains("PostgreSQL 1"));
  CHECK_THAT(doctor.output, Contains("data_sync_retry is on"));
  auto server = with.serve();
  CHECK_THAT(server.errors(), Contains("data_sync_retry is on"));
}

TEST_CASE("K2 while the database is away the server says so, answers 503 at "
          "once, and goes on by itself when it is back",
          "[system][postgres]") {
  with_database with;
  auto server = with.serve();
  auto api = server.client();
  const auto body = event_body("a.b", by_external_id("usr_1"));
  REQUIRE(api.emit(body, "before").status == 200);
  with.cluster.stop();
  // Nobody has to write for it to be noticed.
  REQUIRE(eventually([&] {
    return readiness(server) == "away";
  }));
  CHECK(api.get("/readyz").status == 503);
  CHECK(api.get("/healthz").status == 200);
  const auto unsure = api.emit(body, "during");
  CHECK(unsure.status == 503);
  CHECK_FALSE(unsure.header("retry-after").empty());
  CHECK(api.get("/v1/events").status == 503);
  with.cluster.start();
  REQUIRE(eventually([&] {
    return readiness(server) == "ok";
  }));
  CHECK(api.get("/readyz").status == 200);
  REQUIRE(eventually([&] {
    return api.emit(body, "during").status == 200;
  }));
  CHECK(api.emit(body, "during").header("idempotent-replay") == "true");
  api_answer read; // by a connection of its own
  REQUIRE(eventually([&] {
    read = api.get("/v1/events");
    return read.status == 200;
  }));
  CHECK(read.at("/data").as_array().size() == 2);
  CHECK_THAT(server.errors(), Contains("the database is there again"));
  CHECK(server.stop() == 0);
}

TEST_CASE("a server whose database another one took ends, and loses nothing",
          "[system][postgres]") {
  const with_database with;
  auto first = with.serve();
  const auto body = event_body("a.b", by_external_id("usr_1"));
  REQUIRE(first.client().emit(body).status == 200);
  // Refused as long as the first one holds it.
  const auto second = refused(with.database.url());
  CHECK(second.code == 1);
  CHECK_THAT(second.errors, Contains("another troupe process is using it"));
  CHECK(first.client().get("/readyz").status == 200);
  // A process that stands still cannot hold it once its connections are gone.
  first.running().signal(SIGSTOP);
  with.database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname=current_database()"
                    " AND pid <> pg_backend_pid()");
  auto heir = with.serve();
  first.running().signal(SIGCONT);
  CHECK(first.running().wait(30s) == 1);
  CHECK_THAT(first.errors(), Contains("another troupe process has taken"));
  api_client api{heir.port(), first.key()};
  CHECK(api.get("/v1/events").at("/data").as_array().size() == 1);
  CHECK(api.emit(body).status == 200);
  CHECK(heir.stop() == 0);
}

TEST_CASE("definitions that another one changes in the database are in force "
          "soon, also those changed while it was away",
          "[system][postgres]") {
  with_database with;
  auto server = with.serve();
  auto api = server.client();
  const auto answers = [&](int status) {
    return eventually([&] {
      return api.get("/v1/events").status == status;
    });
  };
  CHECK(answers(200));
  const std::string revoke = "UPDATE api_keys SET revoked=1";
  with.database.run(revoke + "; NOTIFY troupe_definitions");
  CHECK(answers(401));
  with.database.run("UPDATE api_keys SET revoked=0;"
                    " NOTIFY troupe_definitions");
  CHECK(answers(200));
  with.database.run(revoke);
  with.cluster.stop();
  with.cluster.start();
  CHECK(answers(401));
}

TEST_CASE("no data directory is needed once the first key is in its place",
          "[system][postgres]") {
  const with_database with;
  temporary_directory directory;
  const auto data = directory.path() + "/data";
  {
    process server{{tested_binary(), "serve", "--listen", "127.0.0.1:0",
                    "--data-dir", data, "--store", with.database.url()},
                   directory.path() + "/stderr"};
    REQUIRE(server.read_line(30s));
    CHECK(access((data + "/first-key").c_str(), F_OK) == 0);
    server.signal(SIGTERM);
    REQUIRE(server.wait(30s) == 0);
  }
  // A name below a file: it can be no directory.
  process again{{tested_binary(), "serve", "--listen", "127.0.0.1:0",
                 "--data-dir", data + "/first-key/data", "--store",
                 with.database.url()},
                directory.path() + "/stderr"};
  CHECK(again.read_line(30s));
}
