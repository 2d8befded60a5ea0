#include "engine/decide.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

std::vector<std::uint32_t> matched(const turn& of) {
  std::vector<std::uint32_t> out;
  for (const auto each : of.matched)
    out.push_back(number(each));
  std::sort(out.begin(), out.end());
  return out;
}

using numbers = std::vector<std::uint32_t>;

const auto hour_wait = R"("w":{"type":"wait","for":"1h","then":"x"},
                          "x":{"type":"exit"})";

} // namespace

TEST_CASE("a turn is stamped by the clock, but always after the last one",
          "[decide]") {
  stepper one;
  CHECK(one.see("a").stamp.at == noon);
  CHECK(one.see("a").stamp.at == noon + 1us); // the clock stands still
  one.now = noon - 1h;                        // and is set back
  CHECK(one.see("a").stamp.at == noon + 2us);
  one.now = noon + 1h;
  CHECK(one.see("a").stamp.at == noon + 1h);
  for (std::uint64_t i = 0; i < 4; ++i)
    CHECK(one.turns()[i].stamp.seq == i + 1);
}

TEST_CASE("a turn keeps its event, its key and the definitions' version",
          "[decide]") {
  stepper one;
  auto input = event("order.completed", R"({"a":1})");
  input.event.key = key(5);
  input.event.record.occurred_at = noon - 1h;
  const auto& turn = one.step(input);
  CHECK(turn.kind == turn_kind::event);
  CHECK(turn.workspace == one.state().workspace);
  CHECK(turn.contact == one.state().id);
  CHECK(turn.event->type == "order.completed");
  CHECK(turn.event->body == R"({"a":1})");
  CHECK(turn.event->occurred_at == noon - 1h);
  CHECK(turn.key->key_high == key(5).key_high);
  CHECK(turn.definitions_version == 1);
  CHECK(turn.hops == 0);
}

TEST_CASE("subscriptions match by name, prefix or everything, each once",
          "[decide]") {
  stepper one;
  one.subscribe(1, {"order.completed"});
  one.subscribe(2, {"order.*"});
  one.subscribe(3, {"*"});
  one.subscribe(4, {"order.completed", "order.*", "*"});
  one.subscribe(5, {"user.*", "orders"});
  CHECK(matched(one.see("order.completed")) == numbers{1, 2, 3, 4});
  CHECK(matched(one.see("order.started")) == numbers{2, 3, 4});
  CHECK(matched(one.see("order")) == numbers{3, 4});
  CHECK(matched(one.see("orders")) == numbers{3, 4, 5});
}

TEST_CASE("a subscription's filter sees event and contact after the event",
          "[decide]") {
  stepper one;
  one.subscribe(1, {"*"}, R"({">": [{"var": "event.properties.total"}, 10]})");
  one.subscribe(2, {"*"}, R"({"has_tag": "buyer"})");
  one.subscribe(3, {"*"}, R"({"==": [{"var": "event.type"}, "go"]})");
  one.publish(sequence_of(R"("t":{"type":"update","tags_add":["buyer"],
                              "then":"x"},"x":{"type":"exit"})",
                          "t"));
  CHECK(matched(one.see("seen", R"({"total":11})")) == numbers{1});
  CHECK(matched(one.see("go", R"({"total":10})")) == numbers{2, 3});
}

TEST_CASE("a timer that is no longer current moves nothing", "[decide]") {
  stepper one;
  one.publish(sequence_of(
    R"("w":{"type":"wait","any":[{"event":"on"}],"timeout":"1h","then":"v",
      "on_timeout":"x"},
      "v":{"type":"wait","for":"2h","then":"x"},"x":{"type":"exit"})",
    "w"));
  one.see("go");
  const auto stale = *one.timers().begin();
  CHECK(is_current(one.state(), stale));
  one.see("on");
  CHECK_FALSE(is_current(one.state(), stale));
  const auto turn
    = decided(one.state(), timer_input{stale}, one.with(), noon + 5h);
  CHECK(turn.kind == turn_kind::timer);
  CHECK(turn.fired == stale);
  CHECK(turn.changes.empty());
  CHECK(turn.nodes_entered == 0);
  for (const auto& other :
       {timer{stale.due, 99, 1}, timer{stale.due + 1us, stale.run, 2}})
    CHECK_FALSE(is_current(one.state(), other));
  CHECK(one.node() == "v");
}

TEST_CASE("overdue timers come in order of due; the event wins a tie",
          "[decide]") {
  stepper one;
  one.publish(sequence_of(R"("w":{"type":"wait","for":"2h","then":"x"},
                              "x":{"type":"exit"})",
                          "w"),
              1);
  one.publish(sequence_of(hour_wait, "w"), 2);
  one.see("go");
  CHECK(overdue(one.state(), one.with(), noon + 1h).empty());
  REQUIRE(overdue(one.state(), one.with(), noon + 1h + 1us).size() == 1);
  const auto both = overdue(one.state(), one.with(), noon + 3h);
  REQUIRE(both.size() == 2);
  CHECK(both[0].due == noon + 1h);
  CHECK(both[1].due == noon + 2h);
  CHECK(std::set(both.begin(), both.end()) == one.timers());
}

TEST_CASE("a clock that is behind the contact does not hide an overdue timer",
          "[decide]") {
  stepper one;
  one.publish(sequence_of(hour_wait, "w"));
  one.see("go");
  one.now = noon + 1h - 1us;
  one.see("a");
  one.see("a"); // stamped at the instant the timer is due
  REQUIRE(one.state().last_at == noon + 1h);
  // The next event would be stamped after it, whatever the clock says.
  CHECK(overdue(one.state(), one.with(), noon).size() == 1);
}

TEST_CASE("a parked event is kept and changes nothing", "[decide]") {
  stepper one;
  one.publish(sequence_of(hour_wait, "w"));
  one.see("go", "{}", {external("usr_1")});
  auto input = event("order.completed", "{}", {email("ada@example.com")});
  input.event.key = key(3);
  const auto turn = park(one.state(), input, noon + 1s, "budget");
  CHECK(turn.kind == turn_kind::parked);
  CHECK(turn.failure == "budget");
  CHECK(turn.event->type == "order.completed");
  CHECK(turn.key->key_high == key(3).key_high);
  CHECK(turn.changes.empty());
  CHECK(turn.stamp.seq == 2);
  CHECK(turn.stamp.at == noon + 1s);
  CHECK(turn.external_id == "usr_1");
  CHECK(turn.email.empty());
}

TEST_CASE("a parked first event still gives the contact its first identity",
          "[decide]") {
  const auto turn
    = park({}, event("e", "{}", {external("usr_1"), email("ada@example.com")}),
           noon, "budget");
  REQUIRE(turn.changes.size() == 1);
  CHECK(std::get<identity_attached>(turn.changes[0]).who == external("usr_1"));
  CHECK(turn.external_id == "usr_1");
}

TEST_CASE("a run whose timer was parked has failed: it waits for nothing",
          "[decide]") {
  stepper one;
  one.publish(sequence_of(hour_wait, "w"));
  one.see("go");
  const auto due = *one.timers().begin();
  auto turn = park(one.state(), timer_input{due}, noon + 1h, "budget");
  CHECK(turn.fired == due);
  auto state = one.state();
  apply(state, turn);
  CHECK(overdue(state, one.with(), noon + 10h).empty());
  CHECK(state.runs->empty());
  // A timer that no run waits for is only noted.
  turn = park(state, timer_input{due}, noon + 1h, "budget");
  CHECK(turn.changes.empty());
}

TEST_CASE("a parked message is consumed", "[decide]") {
  const inbox_input input{{1, 2}, 5, std::nullopt, record("told"), {}};
  const auto turn = park({}, input, noon, "budget");
  CHECK(turn.consumed == inbox_id{1, 2});
  CHECK(turn.hops == 5);
  CHECK(turn.event->type == "told");
}

TEST_CASE("deciding twice gives the same turn", "[decide]") {
  stepper one;
  one.publish(sequence_of(hour_wait, "w"));
  const auto input = event("go", R"({"a":[1,2,3]})", {external("usr_1")});
  const auto a = decided(one.state(), input, one.with(), noon);
  const auto b = decided(one.state(), input, one.with(), noon);
  auto left = one.state();
  auto right = one.state();
  apply(left, a);
  apply(right, b);
  CHECK(left.runs->front()->vars == right.runs->front()->vars);
  CHECK(a.timers_set == b.timers_set);
  CHECK(a.changes.size() == b.changes.size());
  CHECK(one.state().seq == 0); // and deciding changed nothing
}

TEST_CASE("a paused sequence starts no runs, and its runs see no event and no "
          "timer",
          "[decide]") {
  stepper one;
  one.publish(sequence_of(hour_wait, "w"));
  one.see("go");
  const auto due = *one.timers().begin();
  const auto pause = [&](bool paused) {
    const auto* now = one.with().find(sequence_id{1}, 1);
    auto changed = *now;
    changed.paused = paused;
    definitions next{2};
    next.add(std::move(changed));
    one.with() = std::move(next);
  };
  pause(true);
  CHECK(overdue(one.state(), one.with(), noon + 2h).empty());
  const auto held = std::get<turn>(
    decide(one.state(), timer_input{due}, one.with(), noon + 2h, nullptr));
  CHECK(held.changes.empty());
  REQUIRE(held.trace.size() == 1);
  CHECK(held.trace[0].asked == rule::paused);
  CHECK(held.trace[0].sequence == sequence_id{1});
  CHECK(one.see("go").changes.empty());
  CHECK(one.turns().back().trace.back().asked == rule::paused);
  pause(false);
  CHECK(overdue(one.state(), one.with(), noon + 2h).size() == 1);
}
