#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

const std::string ends
  = R"("got":{"type":"state","on":[{"event":"never","then":"x"}]},
       "late":{"type":"state","on":[{"event":"never","then":"x"}]},
       "x":{"type":"exit"})";

/// A run that has reached the wait `w` by the event `go`.
stepper waiting(const std::string& wait, const std::string& more = "") {
  stepper one;
  one.publish(
    sequence_of("\"w\":{\"type\":\"wait\"," + wait + "}," + ends, "w", more));
  one.see("go", R"({"cart":"c1"})");
  return one;
}

const std::string any_paid
  = R"("any":[{"event":"paid"}],"then":"got","timeout":"1h",
       "on_timeout":"late")";

} // namespace

TEST_CASE("a plain wait goes on when its time has come", "[wait]") {
  auto one = waiting(R"("for":"2h","then":"got")");
  REQUIRE(one.timers().size() == 1);
  const auto due = *one.timers().begin();
  CHECK(due == timer{noon + 2h, 1, 1});
  one.see("anything");
  CHECK(one.node() == "w");
  one.now = noon + 2h;
  const auto& turn = one.fire(due);
  CHECK(turn.kind == turn_kind::timer);
  CHECK(turn.fired == due);
  CHECK(turn.timers_cleared.empty());
  CHECK(turn.nodes_entered == 1);
  CHECK(edges_of(turn) == "then");
  CHECK(one.node() == "got");
  CHECK(one.timers().empty());
}

TEST_CASE("a wait for any of several events takes the edge of the first",
          "[wait]") {
  auto one = waiting(R"("any":[{"event":"paid","then":"got"},
                               {"event":"left","then":"late"}])");
  CHECK(one.timers().empty());
  CHECK(edges_of(one.see("left")) == "event:left");
  CHECK(one.node() == "late");
}

TEST_CASE("an event that ends a wait clears its timer", "[wait]") {
  auto one = waiting(any_paid);
  const auto due = *one.timers().begin();
  const auto& turn = one.see("paid");
  CHECK(turn.timers_cleared == std::vector{due});
  CHECK(one.timers().empty());
  CHECK(one.node() == "got");
}

TEST_CASE("a timeout takes its own edge", "[wait]") {
  auto one = waiting(any_paid);
  one.now = noon + 1h;
  CHECK(edges_of(one.fire(*one.timers().begin())) == "timeout");
  CHECK(one.node() == "late");
  one.see("paid");
  CHECK(one.node() == "late");
}

TEST_CASE("a wait's condition sees event, contact and run", "[wait]") {
  auto one = waiting(
    R"("any":[{"event":"paid","where":{"==":[
        {"var":"event.properties.cart"},{"var":"run.vars.cart"}]}}],
       "then":"got")",
    R"("vars":{"cart":{"var":"event.properties.cart"}},)");
  one.see("paid", R"({"cart":"c2"})");
  CHECK(one.node() == "w");
  CHECK(one.turns().back().trace.back().asked == rule::wait_where);
  one.see("paid", R"({"cart":"c1"})");
  CHECK(one.node() == "got");
}

TEST_CASE("a count is reached by as many events of its clause", "[wait]") {
  auto one = waiting(R"("any":[{"event":"seen","count":3},
                               {"event":"paid","count":2}],"then":"got")");
  one.see("seen");
  one.see("paid");
  one.see("seen");
  CHECK(one.node() == "w");
  CHECK(one.state().runs->front()->counts == std::vector<std::uint32_t>{2, 1});
  one.see("paid");
  CHECK(one.node() == "got");
  CHECK(one.state().runs->front()->counts.empty());
}

TEST_CASE("a wait for all goes on when each clause has its count", "[wait]") {
  auto one = waiting(R"("all":[{"event":"seen","count":2},{"event":"paid"}],
                        "then":"got")");
  for (const auto* each : {"paid", "paid", "seen"}) {
    one.see(each);
    CHECK(one.node() == "w");
  }
  one.see("seen");
  CHECK(one.node() == "got");
}

TEST_CASE("one event can satisfy several clauses of a wait for all", "[wait]") {
  auto one = waiting(R"("all":[{"event":"order.*"},{"event":"order.paid"}],
                        "then":"got")");
  one.see("order.started");
  CHECK(one.node() == "w");
  one.see("order.paid");
  CHECK(one.node() == "got");
}

TEST_CASE("the event that brings a run to a wait is not waited for", "[wait]") {
  const std::string back = GENERATE("none", "entry", "1d");
  auto one = waiting(R"("any":[{"event":"go"}],"then":"got","look_back":")"
                     + back + "\"");
  CHECK(one.node() == "w");
  one.see("go");
  CHECK(one.node() == "got");
}

TEST_CASE("look_back none sees no event of the past", "[wait]") {
  stepper one;
  one.publish(
    sequence_of("\"w\":{\"type\":\"wait\"," + any_paid + "}," + ends, "w"));
  one.see("paid");
  one.see("go");
  CHECK(one.node() == "w");
  CHECK(one.histories_read == 0);
}

TEST_CASE("look_back entry sees what came since the run started", "[wait]") {
  stepper one;
  one.publish(sequence_of(
    R"("s":{"type":"wait","for":"1h","then":"w"},
       "w":{"type":"wait","look_back":"entry",)"
      + any_paid + "}," + ends,
    "s"));
  one.see("paid"); // before the run
  one.see("go");
  const auto during = GENERATE(false, true);
  if (during)
    one.see("paid");
  one.now = noon + 1h;
  const auto& turn = one.fire(*one.timers().begin());
  CHECK(one.node() == (during ? "got" : "w"));
  CHECK(edges_of(turn) == (during ? "then past:paid" : "then"));
  CHECK(turn.nodes_entered == (during ? 2 : 1));
  CHECK(one.timers().size() == (during ? 0 : 1));
}

TEST_CASE("look_back by a span sees exactly that far", "[wait]") {
  const auto before = GENERATE(29min, 30min, 31min);
  stepper one;
  one.publish(sequence_of("\"w\":{\"type\":\"wait\",\"look_back\":\"30m\","
                            + any_paid + "}," + ends,
                          "w"));
  one.now = noon - before;
  one.see("paid");
  one.now = noon;
  one.see("go");
  CHECK(one.node() == (before <= 30min ? "got" : "w"));
}

TEST_CASE("a look back counts, and what is missing can come later", "[wait]") {
  stepper one;
  one.publish(sequence_of(
    R"("w":{"type":"wait","look_back":"1d","all":[
         {"event":"seen","count":3},
         {"event":"paid","where":{">":[{"var":"event.properties.n"},5]}}],
       "then":"got"},)"
      + ends,
    "w"));
  one.see("seen");
  one.see("seen");
  one.see("paid", R"({"n":1})");
  one.see("go");
  CHECK(one.node() == "w");
  CHECK(one.state().runs->front()->counts == std::vector<std::uint32_t>{2, 0});
  one.see("paid", R"({"n":6})");
  one.see("seen");
  CHECK(one.node() == "got");
}

TEST_CASE("several waits of one turn look back for what each needs", "[wait]") {
  stepper one;
  // Two in a row, and another sequence with one of its own.
  one.publish(
    sequence_of(R"("w":{"type":"wait","look_back":"10m","any":[{"event":"a"}],
                    "then":"v"},
                   "v":{"type":"wait","look_back":"1d","any":[{"event":"b"}],
                    "then":"got"},)"
                  + ends,
                "w"),
    1);
  one.publish(sequence_of(R"("w":{"type":"wait","look_back":"2h","any":[
                    {"event":"c.*","then":"got"}]},)"
                            + ends,
                          "w"),
              2);
  one.now = noon - 5h;
  one.see("b");
  one.now = noon - 1h;
  one.see("c.d");
  one.now = noon - 1min;
  one.see("a");
  one.now = noon;
  const auto& turn = one.see("go");
  CHECK((*one.state().runs)[0]->node == "got");
  CHECK((*one.state().runs)[1]->node == "got");
  CHECK(turn.nodes_entered == 5);
  CHECK(one.histories_read == 1);
}

TEST_CASE("a wait of a live run looks back while another run starts",
          "[wait]") {
  stepper one;
  one.publish(
    sequence_of(R"("s":{"type":"state","on":[{"event":"on","then":"w"}]},
                   "w":{"type":"wait","look_back":"entry","any":[
                     {"event":"a"}],"then":"got"},)"
                  + ends,
                "s"),
    1);
  one.publish(sequence(R"({"key":"o","trigger":{"any":[{"event":"on"}]},
    "entry":"w","nodes":{"w":{"type":"wait","look_back":"1d","any":[
      {"event":"b"}],"then":"got"},)"
                       + ends + "}}"),
              2);
  one.now = noon - 2h;
  one.see("b");
  one.now = noon - 1h;
  one.see("go");
  one.see("a");
  one.now = noon;
  one.see("on");
  CHECK((*one.state().runs)[0]->node == "got");
  CHECK((*one.state().runs)[1]->node == "got");
}

TEST_CASE("a look back for any event asks for every event", "[wait]") {
  stepper one;
  one.publish(sequence_of(R"("w":{"type":"wait","look_back":"1d","any":[
                              {"event":"a"},{"event":"*","count":2}],
                              "then":"got"},)"
                            + ends,
                          "w"));
  const auto made = decide(one.state(), event("go"), one.with(), noon, nullptr);
  const auto& asked = std::get<history_request>(made);
  REQUIRE(asked.events.size() == 1);
  CHECK(asked.events[0].text() == "*");
  CHECK(asked.since == noon - 24h);
  one.see("x");
  one.see("y");
  one.see("go");
  CHECK(one.node() == "got");
}
