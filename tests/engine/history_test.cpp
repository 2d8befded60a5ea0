// Events that are imported as history: the contact learns from them, and
// nothing starts.
#include "engine/history.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

constexpr auto day = std::chrono::days{1};

event_input past(std::string_view type, duration ago,
                 std::string_view properties = "{}") {
  auto made = event(type, properties);
  made.event.record.from = door::import;
  made.event.record.occurred_at = noon - ago;
  return made;
}

const std::string rests
  = R"("w":{"type":"wait","any":[{"event":"paid"}],"then":"x"},
       "x":{"type":"exit"})";

const std::string bought_in_30_days
  = R"({">=":[{"event_count":{"event":"bought","within":"30d"}},2]})";

} // namespace

TEST_CASE("history starts no sequence and is told to no webhook", "[history]") {
  stepper one;
  one.publish(sequence_of(rests, "w"));
  one.subscribe(9, {"go"});
  const auto& turn = one.step(past("go", 500 * day));
  CHECK_FALSE(starts_run(turn));
  CHECK(turn.matched.empty());
  CHECK(is_history(*turn.event));
  CHECK(turn.event->occurred_at == noon - 500 * day);
  CHECK(starts_run(one.see("go")));
  CHECK_FALSE(is_history(*one.turns().back().event));
}

TEST_CASE("no wait, goal or exit sees history", "[history]") {
  stepper one;
  one.publish(sequence_of(rests, "w",
                          R"("goals":[{"event":"won"}],
                             "exit_when":[{"event":"left"}],)"));
  one.see("go");
  for (const auto* type : {"paid", "won", "left"}) {
    one.step(past(type, day));
    CHECK(one.node() == "w");
  }
  one.see("paid");
  CHECK(one.node().empty());
}

TEST_CASE("history counts for segments by when it happened, and tells "
          "nobody",
          "[history]") {
  stepper one;
  one.publish_segment("buyers", bought_in_30_days);
  one.see("seen");
  one.step(past("bought", 40 * day));
  one.step(past("bought", 10 * day));
  CHECK(one.segments().empty());
  const auto& turn = one.step(past("bought", 20 * day));
  CHECK(one.segments() == "buyers");
  CHECK(turn.messages.empty());
  // It leaves when the older of both is 30 days old, and that is told.
  REQUIRE(one.timers().size() == 1);
  const auto due = *one.timers().begin();
  CHECK(due.due == noon + 10 * day);
  one.now = due.due;
  CHECK(one.fire(due).messages.at(0).type == "$segment_left");
  CHECK(one.segments().empty());
}

TEST_CASE("what was due before history came is told", "[history]") {
  stepper one;
  one.publish_segment("buyers",
                      R"({">=":[{"event_count":{"event":"bought",
                                  "within":"30d"}},1]})");
  one.see("bought");
  CHECK(one.segments() == "buyers");
  one.now = one.timers().begin()->due + 1h; // the timer is late
  const auto& turn = one.step(past("seen", day));
  CHECK(one.segments().empty());
  REQUIRE(turn.messages.size() == 1);
  CHECK(turn.messages[0].type == "$segment_left");
}

TEST_CASE("history sets attributes and opens no session", "[history]") {
  stepper one;
  one.with().set_sessions({session_rule::all, 30min});
  auto input = past("$identify", 90 * day);
  input.event.traits = {{"plan", "pro"}};
  one.step(input);
  CHECK(one.state().attributes->at("plan") == "pro");
  CHECK(one.state().session->id.empty());
  CHECK(one.timers().empty());
  one.see("seen");
  CHECK_FALSE(one.state().session->id.empty());
}

TEST_CASE("those who look back see history at its time", "[history]") {
  stepper one;
  one.see("seen");
  CHECK(came_at(one.turns().back()) == one.turns().back().stamp.at);
  CHECK(came_at(one.step(past("paid", 30 * day))) == noon - 30 * day);
  auto late = event("paid");
  late.event.record.occurred_at = noon - day;
  const auto& turn = one.step(late);
  CHECK(came_at(turn) == turn.stamp.at);
}
