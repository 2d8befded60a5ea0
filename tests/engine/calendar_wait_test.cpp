// Runs that wait for local time.
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

timestamp at(std::string_view text) {
  return parse_iso8601(text).value();
}

/// A contact in a zone that comes to the wait `w`.
stepper waiting(const std::string& until, std::string_view now,
                std::string_view zone = R"("Europe/London")") {
  stepper one;
  one.publish(sequence_of(
    R"("t":{"type":"update","set":{"timezone":{"var":"event.properties.zone"},
         "due":{"var":"event.properties.due"}},"then":"w"},
       "w":{"type":"wait","until":)"
      + until + R"(,"then":"late"},
       "late":{"type":"state","on":[{"event":"again","then":"w"}]})",
    "t"));
  one.now = at(now);
  one.see("go",
          "{\"zone\":" + std::string{zone} + R"(,"due":"2026-12-24","n":1})");
  return one;
}

std::string due_of(const stepper& one) {
  return one.timers().empty() ? "none" : to_iso8601(one.timers().begin()->due);
}

const check& calendar_check(const stepper& one) {
  return one.turns().back().trace.back();
}

} // namespace

TEST_CASE("a run waits for a local time of its contact's zone and goes on by "
          "its timer",
          "[calendar][wait]") {
  auto one = waiting(R"({"time":"09:00"})", "2026-06-10T12:00:00Z");
  CHECK(one.node() == "w");
  CHECK(due_of(one) == "2026-06-11T08:00:00.000Z");
  CHECK(calendar_check(one).asked == rule::calendar);
  CHECK(calendar_check(one).inputs == "Europe/London 2026-06-11T08:00:00.000Z");
  one.see("anything");
  CHECK(one.node() == "w");
  one.now = at("2026-06-11T08:00:00Z");
  CHECK(edges_of(one.fire(*one.timers().begin())) == "then");
  CHECK(one.node() == "late");
}

TEST_CASE("a wait's own zone goes before the contact's", "[calendar][wait]") {
  const auto one
    = waiting(R"({"time":"09:00","weekdays":["fri"],"timezone":"Asia/Tokyo"})",
              "2026-06-10T12:00:00Z");
  CHECK(due_of(one) == "2026-06-12T00:00:00.000Z");
}

TEST_CASE("a contact without a zone that is known waits in UTC, and the trace "
          "says so",
          "[calendar][wait]") {
  const auto* zone = GENERATE("null", "\"Mars/Phobos\"", "7", "\"\"");
  const auto one = waiting(R"({"time":"09:00"})", "2026-06-10T12:00:00Z", zone);
  CHECK(due_of(one) == "2026-06-11T09:00:00.000Z");
  const auto& trace = one.turns().back().trace;
  const auto& noted = trace[trace.size() - 2];
  CHECK(noted.asked == rule::time_zone);
  CHECK_FALSE(noted.passed);
  CHECK_THAT(
    noted.inputs,
    Catch::StartsWith(zone == std::string_view{"null"} ? "absent" : "unknown"));
}

TEST_CASE("a wait for a date reads it from the contact", "[calendar][wait]") {
  const auto* until
    = R"({"time":"10:00","date":{"var":"contact.attributes.due"}})";
  CHECK(due_of(waiting(until, "2026-06-10T12:00:00Z"))
        == "2026-12-24T10:00:00.000Z");
  const auto passed = waiting(until, "2026-12-24T10:00:00Z");
  CHECK(passed.node() == "late");
  CHECK(edges_of(passed.turns().back()) == "trigger:go then past");
  CHECK(passed.timers().empty());
}

TEST_CASE("an instant is a date in the contact's zone", "[calendar][wait]") {
  const auto one = waiting(R"({"date":{"cat":["2026-12-24T","11:30:00Z"]}})",
                           "2026-06-10T12:00:00Z", R"("Pacific/Auckland")");
  CHECK(due_of(one) == "2026-12-24T11:00:00.000Z"); // the 25th there
}

TEST_CASE("a run whose date is none fails instead of going on at a wrong time",
          "[calendar][wait]") {
  const auto* rule_text
    = GENERATE(R"({"var":"contact.attributes.none"})", R"({"cat":["soon"]})",
               R"({"var":"event.properties.n"})");
  const auto one = waiting(R"({"date":)" + std::string{rule_text} + "}",
                           "2026-06-10T12:00:00Z");
  CHECK(one.state().runs->empty());
  CHECK(one.timers().empty());
  const auto& ended = std::get<run_ended>(one.turns().back().changes.back());
  CHECK(ended.status == run_status::failed);
  CHECK(ended.reason == "date_invalid");
  CHECK(calendar_check(one).inputs == "no_date");
}

TEST_CASE("a daily loop fires once on a day with a gap and once on a day with "
          "a fold",
          "[calendar][wait]") {
  const auto* start = GENERATE("2026-03-27T12:00:00Z", "2026-10-23T12:00:00Z");
  auto one = waiting(R"({"time":"01:30"})", start);
  const auto london = local_zone::find("Europe/London").value();
  auto day = std::chrono::floor<std::chrono::days>(london.local(one.now));
  for (int i = 0; i < 5; ++i) {
    REQUIRE(one.timers().size() == 1);
    const auto due = *one.timers().begin();
    one.now = due.due;
    one.fire(due);
    const auto fired
      = std::chrono::floor<std::chrono::days>(london.local(due.due));
    CHECK(fired - day == std::chrono::days{1});
    day = fired;
    one.see("again");
  }
}
