// Events that are imported as history: the contact learns from them, and
// nothing starts.
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

constexpr auto day = std::chrono::days{1};

event_input past(std::string_view type, duration ago,
                 std::string_view properties = "{}") {
  auto made = event(type, properties);
  made.event.is_history = true;
  made.event.record.occurred_at = noon - ago;
  return made;
}

bool notes(const turn& what, rule asked, std::uint32_t run = 0) {
  return std::any_of(what.trace.begin(), what.trace.end(),
                     [&](const check& each) {
                       return each.asked == asked && each.run == run;
                     });
}

const std::string rests
  = R"("w":{"type":"wait","any":[{"event":"paid"}],"then":"x"},
       "x":{"type":"exit"})";

const std::string bought_in_30_days
  = R"({">=":[{"event_count":{"event":"bought","within":"30d"}},2]})";

} // namespace

TEST_CASE("B72 history starts no sequence and is told to no webhook",
          "[history]") {
  stepper one;
  one.publish(sequence_of(rests, "w"));
  one.subscribe(9, {"go"});
  const auto& turn = one.step(past("go", 500 * day));
  CHECK_FALSE(starts_run(turn));
  CHECK(turn.matched.empty());
  CHECK(is_history(turn));
  CHECK(turn.event->occurred_at == noon - 500 * day);
  CHECK(starts_run(one.see("go")));
  CHECK_FALSE(is_history(one.turns().back()));
}

TEST_CASE("B72 no wait, goal or exit sees history", "[history]") {
  stepper one;
  one.publish(sequence_of(rests, "w",
                          R"("goals":[{"event":"won"}],
                             "exit_when":[{"event":"left"}],)"));
  one.see("go");
  for (const auto* type : {"paid", "won", "left"}) {
    const auto& turn = one.step(past(type, day));
    CHECK(one.node() == "w");
    CHECK(notes(turn, rule::history, one.state().runs->front()->number));
  }
  one.see("paid");
  CHECK(one.node().empty());
}

TEST_CASE("B72 history counts for segments by when it happened, and tells "
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

TEST_CASE("a wait that looks back sees history at its time", "[history]") {
  const auto node_after = [](duration ago) {
    stepper one;
    one.publish(sequence_of(R"("w":{"type":"wait","look_back":"7d",
        "any":[{"event":"paid"}],"then":"y"},
        "y":{"type":"wait","for":"1h","then":"x"},"x":{"type":"exit"})",
                            "w"));
    one.step(past("paid", ago));
    one.now += 1h;
    one.see("go");
    return one.node();
  };
  CHECK(node_after(3 * day) == "y");
  CHECK(node_after(30 * day) == "w");
}
