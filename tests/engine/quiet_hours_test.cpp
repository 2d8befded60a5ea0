// Sends that wait for the end of quiet hours.
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

timestamp at(std::string_view text) {
  return parse_iso8601(text).value();
}

/// A run that comes to a send at that time, of a sequence that is quiet from
/// 22:00 to 08:00.
stepper sending(std::string_view now, const std::string& more = "",
                const std::string& zone = R"(,"timezone":"Europe/London")") {
  stepper one;
  one.now = at(now);
  one.publish(sequence_of(
    R"("s":{"type":"send","channel":"email","text":"hi","then":"t"},
       "t":{"type":"send","channel":"email","text":"ho","then":"r"},
       "r":{"type":"state","on":[{"event":"never","then":"r"}]})",
    "s", R"("quiet_hours":{"from":"22:00","to":"08:00")" + zone + "}," + more));
  one.see("go");
  return one;
}

const check& quiet_check(const turn& made) {
  const auto found
    = std::find_if(made.trace.begin(), made.trace.end(), [](const auto& each) {
        return each.asked == rule::quiet_hours;
      });
  REQUIRE(found != made.trace.end());
  return *found;
}

} // namespace

TEST_CASE("outside of quiet hours a send goes at once", "[quiet]") {
  const auto one = sending("2026-12-10T21:59:59Z");
  CHECK(one.node() == "r");
  CHECK(one.turns().back().sends.size() == 2);
  CHECK(quiet_check(one.turns().back()).passed);
  CHECK(one.timers().empty());
}

TEST_CASE("a send in quiet hours goes when they end, by a timer", "[quiet]") {
  auto one = sending("2026-12-10T23:00:00Z");
  CHECK(one.node() == "s");
  CHECK(one.turns().back().sends.empty());
  CHECK_FALSE(quiet_check(one.turns().back()).passed);
  CHECK(quiet_check(one.turns().back()).inputs
        == R"({"node":"s","timezone":"Europe/London",)"
           R"("ends_at":"2026-12-11T08:00:00.000Z"})");
  REQUIRE(one.timers().size() == 1);
  const auto due = *one.timers().begin();
  CHECK(due.due == at("2026-12-11T08:00:00Z"));
  one.see("anything");
  CHECK(one.node() == "s");
  one.now = due.due;
  const auto& turn = one.fire(due);
  CHECK(edges_of(turn) == "quiet_hours then then");
  CHECK(nodes_of(turn) == "s t r");
  CHECK(turn.sends.size() == 2);
  CHECK(one.timers().empty());
}

TEST_CASE("a timer that is late into the next quiet hours waits again",
          "[quiet]") {
  auto one = sending("2026-12-10T23:00:00Z");
  one.now = at("2026-12-11T22:30:00Z");
  CHECK(one.fire(*one.timers().begin()).sends.empty());
  REQUIRE(one.timers().size() == 1);
  CHECK(one.timers().begin()->due == at("2026-12-12T08:00:00Z"));
}

TEST_CASE("an event can end a run whose send waits, and its timer", "[quiet]") {
  auto one
    = sending("2026-12-10T23:00:00Z", R"("exit_when":[{"event":"deleted"}],)");
  one.see("deleted");
  CHECK(one.state().runs->empty());
  CHECK(one.timers().empty());
}

TEST_CASE("quiet hours are the contact's own unless a zone is given",
          "[quiet]") {
  auto input = event("go");
  input.event.traits = {{"timezone", "America/New_York"}};
  stepper one;
  one.publish(sequence_of(
    R"("s":{"type":"send","channel":"email","text":"hi","then":"x"},
       "x":{"type":"exit"})",
    "s", R"("quiet_hours":{"from":"22:00","to":"08:00"},)"));
  one.now = at("2026-12-10T12:30:00Z"); // 07:30 there
  one.step(input);
  REQUIRE(one.timers().size() == 1);
  CHECK(one.timers().begin()->due == at("2026-12-10T13:00:00Z"));
}

TEST_CASE("a send that waited is counted by the cap when it goes", "[quiet]") {
  auto one = sending("2026-12-10T23:00:00Z",
                     R"("frequency_cap":{"max":1,"within":"1d"},)");
  CHECK(one.state().sends->empty());
  one.now = at("2026-12-11T08:00:00Z");
  CHECK(one.fire(*one.timers().begin()).sends.size() == 1);
  CHECK(one.state().sends->size() == 1);
}

TEST_CASE("http calls do not keep quiet hours", "[quiet]") {
  stepper one;
  one.now = at("2026-12-10T23:00:00Z");
  one.publish(sequence_of(
    R"("h":{"type":"http","url":"https://x.example/","then":"x"},
       "x":{"type":"exit"})",
    "h", R"("quiet_hours":{"from":"22:00","to":"08:00"},)"));
  CHECK(one.see("go").sends.size() == 1);
}
