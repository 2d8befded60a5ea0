// F20 A database that an earlier release wrote opens in this one. What is in
// stored/ was written by the release with as many migrations as its name says
// (stored/record); earlier ones are the same without what migrations added.
#include "tests/support/command.hpp"
#include "tests/support/tested_binary.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace troupe::test;

namespace {

// Of the first start of the server that was recorded.
const std::string key
  = "tr_live_d3Bk3C7cJvongnQ0TSWZonl3sWslRonvinf6NDnyUTwBu2LDEtq2jYapX";

const auto* const recorded
  = TROUPE_SOURCE_DIRECTORY "/tests/system/stored/schema-17.sql";

/// What undoes the step to a version of the schema, the newest first.
struct step {
  int version;
  const char* undo;
};

constexpr step steps[] = {
  {17, "DROP TABLE triggers; DROP TABLE trigger_contacts"},
  {16, "ALTER TABLE event_types DROP COLUMN alias_of"},
  {15, "DROP TABLE kept_keys"},
  {14, "DROP TABLE rejected_events"},
};

void run(sqlite3* db, const std::string& sql) {
  REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr)
          == SQLITE_OK);
}

void write_store(const std::string& directory, int version) {
  std::filesystem::create_directory(directory);
  std::ifstream in{recorded};
  const std::string sql{std::istreambuf_iterator<char>{in}, {}};
  REQUIRE_FALSE(sql.empty());
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open((directory + "/troupe.db").c_str(), &db) == SQLITE_OK);
  run(db, sql);
  for (const auto& each : steps)
    if (each.version > version)
      run(db, each.undo);
  run(db, "PRAGMA user_version=" + std::to_string(version));
  sqlite3_close(db);
}

} // namespace

TEST_CASE("F20 C7 a store of an earlier release opens with its contacts, their "
          "timelines, runs and what is to come",
          "[system][upgrade]") {
  const auto version = GENERATE(17, 16, 15, 14, 13);
  CAPTURE(version);
  const temporary_directory directory;
  const auto data = directory.path() + "/data";
  write_store(data, version);
  process serving{{tested_binary(), "serve", "--listen", "127.0.0.1:0",
                   "--data-dir", data, "--allow-private-webhooks"},
                  directory.path() + "/stderr"};
  const auto line = serving.read_line(std::chrono::seconds{30}).value_or("");
  REQUIRE(line.find("\"ready\":true") != line.npos);
  const std::string url{boost::json::parse(line).at("url").as_string()};
  api_client api{
    static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))), key};

  const auto ada = contact_of(api, "usr_1");
  INFO(ada.body);
  CHECK(ada.text("/email") == "ada@example.com");
  CHECK(ada.text("/attributes/plan") == "pro");
  CHECK(ada.text("/tags/0") == "buyer");
  CHECK(ada.number("/score") == 40);
  CHECK(ada.text("/anonymous_ids/0") == "anon_1"); // of whom it absorbed
  const auto timeline = contact_of(api, "usr_1", "/timeline?limit=100");
  // The session of then is over by now: it ended after the store was written.
  const auto& turns = timeline.at("/data").as_array();
  CHECK(std::count_if(turns.begin(), turns.end(),
                      [](const auto& each) {
                        return each.at("kind") == "event";
                      })
        == 42);
  const auto runs = contact_of(api, "usr_1", "/runs?limit=100");
  CHECK(runs.at("/data").as_array().size() == 40);
  CHECK(runs.text("/data/0/status") == "active");
  CHECK(runs.text("/data/0/node") == "rest");
  CHECK(contact_of(api, "usr_2").number("/score") == 0);
  const auto segment = api.get("/v1/segments/buyers/contacts");
  CHECK(segment.text("/data/0/external_id") == "usr_1");
  CHECK(api.get("/v1/webhooks").at("/data").as_array().size() == 1);
  CHECK(api.get("/v1/templates").text("/data/0/key") == "hello");

  REQUIRE(
    api.emit(event_body("order.completed", by_external_id("usr_1"))).status
    == 200);
  CHECK(contact_of(api, "usr_1").number("/score") == 41);
  // What was stored is what its turns give, and so it stays.
  const auto copy = directory.path() + "/copy";
  CHECK(run_troupe({"backup", "create", copy, "--data-dir", data}).code == 0);
  const auto verified = run_troupe({"backup", "verify", copy});
  INFO(verified.output << verified.errors);
  CHECK(verified.code == 0);
}
