// Which events start runs: triggers, filter, re-entry, cooldown.
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

// Rests until `end`, then exits.
const std::string resting
  = R"("r":{"type":"state","on":[{"event":"end","then":"x"}]},
       "x":{"type":"exit"})";

bool passed(const turn& of, rule asked) {
  for (const auto& each : of.trace)
    if (each.asked == asked)
      return each.passed;
  FAIL("the rule was not asked");
  return false;
}

} // namespace

TEST_CASE("a trigger starts a run by name, prefix or everything", "[start]") {
  for (const auto& [pattern, name, starts] :
       std::vector<std::tuple<std::string, std::string, bool>>{
         {"order.completed", "order.completed", true},
         {"order.completed", "order.started", false},
         {"order.*", "order.started", true},
         {"order.*", "order", false},
         {"*", "anything", true}}) {
    CAPTURE(pattern, name);
    stepper one;
    one.publish(sequence(R"({"key":"k","trigger":{"any":[{"event":")" + pattern
                         + R"("}]},"entry":"x",
                         "nodes":{"x":{"type":"exit"}}})"));
    CHECK(starts_run(one.see(name)) == starts);
  }
}

TEST_CASE("two triggers of one sequence start one run", "[start]") {
  stepper one;
  one.publish(sequence(R"({"key":"k","reentry":"always","trigger":{"any":[
    {"event":"go"},{"event":"go","where":true},{"event":"*"}]},"entry":"r",
    "nodes":{)" + resting
                       + "}}"));
  one.see("go");
  CHECK(one.state().runs->size() == 1);
}

TEST_CASE("a trigger whose condition fails leaves the next one its chance",
          "[start]") {
  stepper one;
  one.publish(sequence(R"({"key":"k","trigger":{"any":[
    {"event":"go","where":{"==":[{"var":"event.properties.n"},1]}},
    {"event":"go","where":{"==":[{"var":"event.properties.n"},2]}}]},
    "entry":"r","nodes":{)"
                       + resting + "}}"));
  CHECK_FALSE(starts_run(one.see("go", R"({"n":3})")));
  CHECK_FALSE(passed(one.turns().back(), rule::trigger_where));
  CHECK(starts_run(one.see("go", R"({"n":2})")));
}

TEST_CASE("one event starts every sequence that wants it", "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r"), 1);
  one.publish(sequence_of(resting, "r"), 2);
  const auto& turn = one.see("go");
  CHECK(one.state().runs->size() == 2);
  CHECK(turn.nodes_entered == 2);
  CHECK((*one.state().runs)[0]->ordinal == 1);
  CHECK((*one.state().runs)[1]->ordinal == 2);
}

TEST_CASE("a version that is not active starts nothing but goes on",
          "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r"), 1, 1);
  one.see("go");
  stepper two; // the same contact, after version 2 took over
  two.publish(sequence_of(resting, "r"), 1, 1, false);
  auto state = one.state();
  const auto end = decided(state, event("end"), two.with(), noon + 1s);
  apply(state, end);
  CHECK(state.runs->empty());
  CHECK_FALSE(starts_run(decided(state, event("go"), two.with(), noon + 2s)));
}

TEST_CASE("the filter sees the contact and decides", "[start]") {
  stepper one;
  one.publish(sequence_of(R"("t":{"type":"update","tags_add":["new"],
                              "then":"x"},"x":{"type":"exit"})",
                          "t"),
              1);
  one.publish(sequence_of(resting, "r", R"("filter":{"has_tag":"vip"},)"), 2);
  const auto& turn = one.see("go");
  CHECK(one.state().runs->empty());
  CHECK_FALSE(passed(turn, rule::filter));
  CHECK_FALSE(one.state().find_run(2));
}

TEST_CASE("re-entry after_exit is the rule when none is given", "[start]") {
  const auto* written = GENERATE("", R"("reentry":"after_exit",)");
  stepper one;
  one.publish(sequence_of(resting, "r", written));
  CHECK(starts_run(one.see("go")));
  CHECK_FALSE(starts_run(one.see("go")));
  CHECK_FALSE(passed(one.turns().back(), rule::re_entry));
  one.see("end");
  CHECK(starts_run(one.see("go")));
}

TEST_CASE("re-entry never lets a contact in once", "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r", R"("reentry":"never",)"));
  CHECK(starts_run(one.see("go")));
  one.see("end");
  one.now += 1000 * 24h;
  CHECK_FALSE(starts_run(one.see("go")));
}

TEST_CASE("re-entry always lets runs live side by side", "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r", R"("reentry":"always",)"));
  for (int i = 0; i < 3; ++i)
    CHECK(starts_run(one.see("go")));
  CHECK(one.state().runs->size() == 3);
  CHECK(one.see("end").nodes_entered == 3);
  CHECK(one.state().runs->empty());
}

TEST_CASE("re-entry after a span counts from the last start", "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r", R"("reentry":{"after":"30d"},)"));
  CHECK(starts_run(one.see("go")));
  one.now += 29 * 24h;
  one.see("end");
  CHECK_FALSE(starts_run(one.see("go")));
  one.now = noon + 30 * 24h;
  CHECK(starts_run(one.see("go")));
  one.now += 31 * 24h;
  CHECK_FALSE(starts_run(one.see("go"))); // one is live
}

TEST_CASE("re-entry per key lets each key in once", "[start]") {
  stepper one;
  one.publish(sequence_of(
    resting, "r", R"("reentry":{"per_key":{"var":"event.properties.id"}},)"));
  CHECK(starts_run(one.see("go", R"({"id":"a"})")));
  CHECK_FALSE(starts_run(one.see("go", R"({"id":"a"})")));
  CHECK(starts_run(one.see("go", R"({"id":7})")));
  CHECK(starts_run(one.see("go", R"({"id":8})")));
  CHECK(starts_run(one.see("go"))); // no key is a key too
  CHECK_FALSE(starts_run(one.see("go")));
  one.see("end");
  CHECK_FALSE(starts_run(one.see("go", R"({"id":7})")));
}

TEST_CASE("a cooldown counts from the end of the last run", "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r", R"("cooldown":"1h",)"), 1);
  one.publish(sequence_of(resting, "r"), 2); // another's end does not count
  CHECK(starts_run(one.see("go")));
  one.now += 30min;
  one.see("end");
  const auto ended = one.state().last_at;
  one.now = ended + 1h - 1us;
  one.see("go");
  CHECK_FALSE(passed(one.turns().back(), rule::cooldown));
  CHECK(one.state().runs->size() == 1);
  one.now = ended + 1h;
  one.see("go");
  CHECK(one.state().runs->size() == 2);
}

TEST_CASE("vars are computed once, when a run starts", "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r",
                          R"("vars":{"cart":{"var":"event.properties.cart"},
                             "score":{"+":[{"var":"contact.score"},1]}},)"));
  one.see("go", R"({"cart":{"id":"c1"}})");
  const auto& vars = one.state().runs->front()->vars;
  CHECK(vars == json(R"({"cart":{"id":"c1"},"score":1})").as_object());
}

TEST_CASE("exit_when ends a run, also against the wait's own event",
          "[start]") {
  stepper one;
  one.publish(sequence_of(
    R"("w":{"type":"wait","any":[{"event":"user.deleted"}],"then":"t",
        "timeout":"1h","on_timeout":"x"},
       "t":{"type":"update","tags_add":["wrong"],"then":"x"},
       "x":{"type":"exit"})",
    "w",
    R"("vars":{"id":{"var":"event.properties.id"}},
       "exit_when":[{"event":"user.*","where":
         {"==":[{"var":"event.properties.id"},{"var":"run.vars.id"}]}}],)"));
  one.see("go", R"({"id":1})");
  const auto& turn = one.see("user.deleted", R"({"id":1})");
  REQUIRE(turn.changes.size() == 1);
  const auto& ended = std::get<run_ended>(turn.changes[0]);
  CHECK(ended.status == run_status::exited);
  CHECK(ended.reason == "exit_when:user.deleted");
  CHECK(one.timers().empty());
  CHECK(turn.nodes_entered == 0);
  CHECK(one.state().tags->empty());
}

TEST_CASE("an event that ends a run can start the next", "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r", R"("exit_when":[{"event":"go"}],)"));
  one.see("go");
  const auto& again = one.see("go");
  CHECK(starts_run(again));
  CHECK(one.state().runs->front()->number == 2);
}

TEST_CASE("a contact has at most 1,000 live runs; all can move at one event",
          "[start]") {
  stepper one;
  one.publish(sequence_of(resting, "r", R"("reentry":"always",)"));
  for (int i = 0; i < 1000; ++i)
    one.see("go");
  CHECK(one.state().runs->size() == 1000);
  CHECK_FALSE(starts_run(one.see("go")));
  CHECK_FALSE(passed(one.turns().back(), rule::runs_limit));
  const auto& turn = one.see("end");
  CHECK(one.state().runs->empty());
  for (const auto& what : turn.changes)
    if (const auto* ended = std::get_if<run_ended>(&what))
      REQUIRE(ended->status == run_status::completed);
}
