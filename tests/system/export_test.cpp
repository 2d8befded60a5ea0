// `troupe export`: all that is there, once.
#include "tests/system/importing.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

using namespace troupe;
using namespace troupe::test;

TEST_CASE_METHOD(importing,
                 "an export that fails leaves what was there, and few of many "
                 "events end with their count",
                 "[system][export]") {
  own.api.emit(event_body("a.came", by_external_id(user), "{}"));
  own.api.emit(event_body("b.came", by_external_id(user), "{}"));
  const auto file = write("all.ndjson", "before\n");
  CHECK(troupe({"export", "events", "--since", "soon", "--output", file}).code
        == 1);
  CHECK(read("all.ndjson") == "before\n");
  CHECK_FALSE(std::filesystem::exists(file + ".new"));
  CHECK(troupe({"export", "events", "--type", "a.*", "--output", file}).code
        == 0);
  CHECK(read("all.ndjson").find("a.came") != std::string::npos);
  CHECK(read("all.ndjson").find("b.came") == std::string::npos);
  CHECK(std::filesystem::status(file).permissions()
        == (std::filesystem::perms::owner_read
            | std::filesystem::perms::owner_write));
  const auto none = troupe({"export", "events", "--type", "none.*"});
  CHECK(none.code == 0);
  CHECK(none.output.empty());
}

TEST_CASE_METHOD(importing,
                 "what is exported can be imported into another workspace, and "
                 "is the same",
                 "[system][export]") {
  const auto who = [](const std::string& more) {
    return "{" + more + "}";
  };
  own.api.emit(event_body("a.came", by_external_id(user),
                          R"({"n":1.5,"list":[1,"x"],"text":"=1+1, \"q\""})"));
  own.api.emit(event_body("a.came", who(R"("phone":"+442079460018")")));
  own.api.emit(event_body("b.came", who(R"("anonymous_id":"anon-7")")));
  CHECK(
    imported({write("old", line("$identify",
                                R"(,"metadata":{"traits":{"plan":"pro"}},)"
                                R"("occurred_at":"2018-01-01T00:00:00Z")"))})
      .at("accepted")
    == 1);
  const auto plain = [](std::vector<boost::json::value> events) {
    for (auto& each : events)
      for (const auto* name :
           {"id", "received_at", "tenant_id", "door", "origin", "trace_id"}) {
        each.as_object().erase(name);
        each.as_object().at("contact").as_object().erase("id");
      }
    // Of different people there is no order.
    std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
      return a.at("message_id").as_string() < b.at("message_id").as_string();
    });
    return events;
  };
  const auto before = plain(exported(own));
  REQUIRE(before.size() == 4);
  const std::vector<std::pair<std::string, std::string>> files{
    {"e.ndjson", "ndjson"},
    {"e.ndjson.gz", "ndjson"},
    {"e.ndjson.zst", "ndjson"},
    {"e.csv.gz", "csv"}};
  for (const auto& [name, format] : files) {
    INFO(name);
    REQUIRE(
      troupe({"export", "events", "--format", format, "--output", path(name)})
        .code
      == 0);
    const tenant other{api};
    const auto done = troupe_in(other, {"import", path(name)});
    REQUIRE(done.code == 0);
    CHECK(boost::json::parse(done.output).at("accepted") == 4);
    CHECK(plain(exported(other)) == before);
    api_client there{shared_server().port(), other.made.text("/key")};
    CHECK(contact_of(there, user).text("/attributes/plan") == "pro");
  }
  const auto some = troupe({"export", "events", "--type", "b.*"});
  CHECK(std::count(some.output.begin(), some.output.end(), '\n') == 1);
  CHECK(troupe({"export", "events", "--since", "2999-01-01T00:00:00Z"})
          .output.empty());
}

TEST_CASE_METHOD(importing, "P6 no cell of an export is a formula",
                 "[system][export]") {
  own.api.emit(
    event_body("a.came", by_external_id(R"(=HYPERLINK(\"http://a\"))")));
  own.api.emit(event_body("a.came", R"({"phone":"+442079460018"})"));
  const auto events = troupe({"export", "events", "--format", "csv"});
  CHECK(events.output.find("\"'=HYPERLINK(\"\"http://a\"\")\"")
        != std::string::npos);
  CHECK(events.output.find(",'+442079460018,") != std::string::npos);
  const auto contacts = troupe({"export", "contacts", "--format", "csv"});
  CHECK(contacts.output.find("\"'=HYPERLINK(") != std::string::npos);
  CHECK(contacts.output.find(",'+442079460018,") != std::string::npos);
  CHECK(contacts.output.starts_with("id,external_id,email,phone,"));
}

TEST_CASE_METHOD(importing,
                 "while contacts change, an export of them has each once, and "
                 "one of events each in the order of its contact",
                 "[system][export]") {
  constexpr std::size_t people = 600;
  constexpr std::size_t rounds = 5;
  // More than the pipe and the socket between hold.
  std::string text;
  for (std::size_t n = 0; n < people * rounds; ++n)
    text += R"({"type":"a.came","external_id":"p)" + std::to_string(n % people)
            + R"(","properties":{"round":)" + std::to_string(n / people)
            + R"(,"filler":")" + std::string(3000, '.') + "\"}}\n";
  REQUIRE(imported({write("many", text)}).at("accepted") == people * rounds);
  const auto begin = [this](const std::string& what) {
    return std::make_unique<process>(
      running(environment(own, shared_server().port()), {"export", what}),
      path("errors"));
  };
  const auto contacts = begin("contacts");
  const auto events = begin("events");
  std::vector<std::string> contact_lines{*contacts->read_line(patience)};
  std::vector<std::string> event_lines{*events->read_line(patience)};
  // Old ones change, new ones come.
  std::string changes;
  for (std::size_t n = 0; n < people; ++n) {
    const auto who
      = R"({"type":"$identify","external_id":"p)" + std::to_string(n) + "\"";
    changes += who + R"(,"metadata":{"traits":{"plan":"pro"}}})" + "\n";
    changes
      += R"({"type":"b.came","external_id":"q)" + std::to_string(n) + "\"}\n";
  }
  REQUIRE(imported({write("changes", changes)}).at("accepted") == 2 * people);
  while (const auto line = contacts->read_line(patience))
    contact_lines.push_back(*line);
  while (const auto line = events->read_line(patience))
    event_lines.push_back(*line);
  CHECK(contacts->wait(patience) == 0);
  CHECK(events->wait(patience) == 0);
  std::map<std::string, int> seen;
  for (const auto& each : contact_lines) {
    const auto contact = boost::json::parse(each);
    ++seen[std::string{contact.at("external_id").as_string()}];
  }
  for (std::size_t n = 0; n < people; ++n)
    CHECK(seen["p" + std::to_string(n)] == 1);
  CHECK(std::all_of(seen.begin(), seen.end(), [](const auto& each) {
    return each.second == 1;
  }));
  std::map<std::string, std::vector<std::int64_t>> told;
  std::set<std::string> ids;
  for (const auto& each : event_lines) {
    const auto event = boost::json::parse(each);
    CHECK(ids.insert(std::string{event.at("id").as_string()}).second);
    if (event.at("type") == "a.came")
      told[std::string{event.at("contact").at("external_id").as_string()}]
        .push_back(event.at("metadata").at("round").as_int64());
  }
  CHECK(told.size() == people);
  for (const auto& [who, order] : told)
    CHECK(order == std::vector<std::int64_t>{0, 1, 2, 3, 4});
}
