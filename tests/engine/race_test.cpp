// X6: a wait for an event with a timeout ends by exactly one of them, however
// close they come.
#include "tests/support/random_values.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

#include <iostream>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

const std::string ends
  = R"("got":{"type":"state","on":[{"event":"never","then":"x"}]},
       "late":{"type":"state","on":[{"event":"never","then":"x"}]},
       "x":{"type":"exit"})";

std::shared_ptr<const sequence_definition>
racing(const std::string& back = "none", const std::string& timeout = "1h") {
  return sequence_of(
    R"("w":{"type":"wait","any":[{"event":"paid"}],"then":"got","timeout":")"
      + timeout + R"(","on_timeout":"late","look_back":")" + back + "\"},"
      + ends,
    "w");
}

/// As the contact's actor does: what is overdue is decided first.
void arrive(stepper& one, std::string_view type, timestamp at) {
  one.now = at;
  for (auto late = overdue(one.state(), one.with(), at); !late.empty();
       late = overdue(one.state(), one.with(), at))
    one.fire(late.front());
  one.see(type);
}

/// A timer of the scheduler, which may be late and may be stale.
void ring(stepper& one, const timer& what, timestamp at) {
  one.now = at;
  if (is_current(one.state(), what))
    one.fire(what);
}

/// How often a run left the wait `w`.
int exits(const stepper& one) {
  int count = 0;
  for (const auto& turn : one.turns())
    for (const auto& what : turn.changes)
      if (const auto* moved = std::get_if<run_moved>(&what))
        count += moved->node == "got" || moved->node == "late" ? 1 : 0;
  return count;
}

} // namespace

TEST_CASE("X6 a: an event just before the wait is reached counts if looked for",
          "[race]") {
  for (const auto* back : {"none", "30m"}) {
    stepper one;
    one.publish(racing(back));
    arrive(one, "paid", noon - 1ms);
    arrive(one, "go", noon);
    const auto seen = std::string_view{back} != "none";
    CHECK(one.node() == (seen ? "got" : "w"));
    CHECK(one.timers().size() == (seen ? 0 : 1));
  }
}

TEST_CASE("X6 b: an event decided right after the one that starts the wait",
          "[race]") {
  stepper one;
  one.publish(racing());
  arrive(one, "go", noon);
  arrive(one, "paid", noon); // the same reading of the clock
  CHECK(one.node() == "got");
  CHECK(exits(one) == 1);
  CHECK(one.timers().empty());
}

TEST_CASE("X6 c: however two events are ordered, one ends the wait", "[race]") {
  const auto first_is_go = GENERATE(false, true);
  stepper one;
  one.publish(racing("1d"));
  arrive(one, first_is_go ? "go" : "paid", noon);
  arrive(one, first_is_go ? "paid" : "go", noon);
  CHECK(one.node() == "got");
  CHECK(exits(one) == 1);
  CHECK(one.timers().empty());
}

TEST_CASE("X6 d: at the instant of the timeout the event wins, after it not",
          "[race]") {
  const auto shift = GENERATE(as<duration>{}, -1ms, -1us, 0us, 1us, 1ms);
  const auto timer_first = GENERATE(false, true);
  stepper one;
  one.publish(racing());
  arrive(one, "go", noon);
  const auto due = *one.timers().begin();
  const auto at = noon + 1h + shift;
  // A timer is never fired before it is due.
  if (timer_first && at >= due.due)
    ring(one, due, due.due);
  arrive(one, "paid", at);
  if (!timer_first)
    ring(one, due, at + 1ms);
  const auto event_wins = at <= due.due && !(timer_first && at >= due.due);
  CHECK(one.node() == (event_wins ? "got" : "late"));
  CHECK(exits(one) == 1);
  CHECK(one.timers().empty());
}

TEST_CASE("X6 d: a calendar wait is no event's to end, before or at its time",
          "[race]") {
  const auto shift = GENERATE(as<duration>{}, -1ms, -1us, 0us, 1us, 1ms);
  stepper one;
  one.publish(sequence_of(
    R"("w":{"type":"wait","until":{"time":"13:00","timezone":"UTC"},
        "then":"late"},)"
      + ends,
    "w"));
  arrive(one, "go", noon);
  const auto due = *one.timers().begin();
  REQUIRE(due.due == noon + 1h);
  arrive(one, "paid", due.due + shift);
  CHECK(one.node() == (shift > 0us ? "late" : "w"));
  ring(one, due, due.due + 1ms);
  CHECK(one.node() == "late");
  CHECK(exits(one) == 1);
  CHECK(one.timers().empty());
}

TEST_CASE("X6 d: a goal at the instant of the timeout wins, after it not",
          "[race]") {
  const auto shift = GENERATE(as<duration>{}, -1us, 0us, 1us);
  stepper one;
  one.publish(
    sequence_of(R"("w":{"type":"wait","for":"1h","then":"late"},)" + ends, "w",
                R"("goals":[{"event":"paid"}],)"));
  arrive(one, "go", noon);
  arrive(one, "paid", noon + 1h + shift);
  CHECK(one.state().runs->empty());
  CHECK(exits(one) == (shift > 0us ? 1 : 0));
  CHECK(one.timers().empty());
}

TEST_CASE("X6 in any order of events and timers exactly one edge is taken",
          "[race]") {
  const auto seed = test_seed();
  std::cout << "races of seed " << seed << '\n';
  CAPTURE(seed);
  dice from{seed};
  const std::vector<std::shared_ptr<const sequence_definition>> kinds{
    racing("none", "10s"), racing("entry", "10s"), racing("5s", "10s"),
    sequence_of(
      R"("s":{"type":"wait","for":"1s","then":"w"},
         "w":{"type":"wait","all":[{"event":"paid"},{"event":"seen",
          "count":2}],"then":"got","timeout":"10s","on_timeout":"late",
          "look_back":"entry"},)"
        + ends,
      "s")};
  for (int round = 0; round < 100'000; ++round) {
    CAPTURE(round);
    stepper one;
    one.publish(from.of(kinds));
    auto clock = noon;
    std::vector<timer> rung; // timers are rung late and more than once
    arrive(one, "go", clock);
    for (int i = 0; i < 6; ++i) {
      // Steps around the instants at which something is due.
      clock += from.of(std::vector<duration>{0us, 1us, 1s - 1us, 1s, 5s,
                                             10s - 1us, 10s, 10s + 1us});
      rung.insert(rung.end(), one.timers().begin(), one.timers().end());
      const auto what = from.below(4);
      if (what == 0 && !rung.empty()) {
        const auto due = from.of(rung);
        ring(one, due, std::max(clock, due.due));
        clock = std::max(clock, due.due);
      } else {
        arrive(one, what == 1 ? "seen" : what == 2 ? "paid" : "other", clock);
      }
      REQUIRE(exits(one) <= 1);
      REQUIRE(one.state().runs->size() == 1);
      REQUIRE(one.timers().size()
              == (one.state().runs->front()->wake_at ? 1 : 0));
    }
    for (int hour = 1; hour <= 2; ++hour) // both waits' times are over
      arrive(one, "other", clock + hour * 1h);
    REQUIRE(exits(one) == 1);
    REQUIRE(one.timers().empty());
  }
}
