// Runs that wait for how the call of their `http` node ends.
#include "engine/awaited_call.hpp"
#include "engine/system_events.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

std::string nodes(const std::string& more) {
  return R"("c":{"type":"http","url":"https://x.example/","await":true,)" + more
         + R"("then":"got"},
       "got":{"type":"state","on":[{"event":"again","then":"c"}]},
       "bad":{"type":"state","on":[{"event":"never","then":"x"}]},
       "x":{"type":"exit"})";
}

const std::string with_both = R"("on_failure":"bad","timeout":"1h",)";

stepper calling(const std::string& more) {
  stepper one;
  one.publish(sequence_of(nodes(more), "c"));
  one.see("go");
  return one;
}

/// What the send of the newest turn that made one is awaited as.
std::string awaited_as(const stepper& one) {
  for (auto turn = one.turns().rbegin(); turn != one.turns().rend(); ++turn)
    if (!turn->sends.empty())
      return std::string{
        turn->sends.front().request.at(awaited_call_member).as_string()};
  return {};
}

const turn& end_call(stepper& one, const std::string& which, bool answered) {
  return one.see(call_ended_event, R"({"call":")" + which + R"(","answered":)"
                                     + (answered ? "true}" : "false}"));
}

void pause(stepper& one, const std::string& more, bool paused) {
  one.forget_definitions();
  one.with().add(
    {sequence_id{1}, 1, true, sequence_of(nodes(more), "c"), paused});
}

} // namespace

TEST_CASE("a run rests at an awaited call until its end is told", "[await]") {
  const bool answered = GENERATE(true, false);
  auto one = calling(with_both);
  CHECK(one.node() == "c");
  REQUIRE(one.timers().size() == 1);
  CHECK(one.timers().begin()->due == noon + 1h);
  one.see("anything");
  CHECK(one.node() == "c");
  const auto& turn = end_call(one, awaited_as(one), answered);
  CHECK(edges_of(turn) == (answered ? "answered" : "call_failed"));
  CHECK(one.node() == (answered ? "got" : "bad"));
  CHECK(one.timers().empty());
}

TEST_CASE("the end of another call leaves the run where it is", "[await]") {
  auto one = calling(with_both);
  const auto first = awaited_as(one);
  end_call(one, "1-2-3-4", true);
  CHECK(one.node() == "c");
  end_call(one, first, true);
  one.see("again");
  CHECK(one.node() == "c");
  end_call(one, first, true); // told twice
  CHECK(one.node() == "c");
  CHECK(awaited_as(one) != first);
}

TEST_CASE("a call that does not end in time takes the way of a failure",
          "[await]") {
  auto one = calling(with_both);
  const auto which = awaited_as(one);
  one.now = noon + 1h;
  CHECK(edges_of(one.fire(*one.timers().begin())) == "timeout");
  CHECK(one.node() == "bad");
  end_call(one, which, true);
  CHECK(one.node() == "bad");
}

TEST_CASE("without a way for failures the run has failed", "[await]") {
  auto one = calling("");
  CHECK(one.timers().empty());
  const auto& turn = end_call(one, awaited_as(one), false);
  CHECK(one.node().empty());
  const auto* ended = std::get_if<run_ended>(&turn.changes.back());
  REQUIRE(ended != nullptr);
  CHECK(ended->status == run_status::failed);
  CHECK(ended->reason == "call_failed");
}

TEST_CASE("a call that ends during a pause of its sequence leads on at its "
          "resume",
          "[await]") {
  const bool answered = GENERATE(true, false);
  auto one = calling(with_both);
  const auto which = awaited_as(one);
  pause(one, with_both, true);
  end_call(one, which, answered);
  CHECK(one.node() == "c");
  REQUIRE(one.timers().size() == 1);
  const auto due = *one.timers().begin();
  CHECK(due.due <= noon + 1s);
  one.fire(due); // held
  CHECK(one.node() == "c");
  pause(one, with_both, false);
  CHECK(edges_of(one.fire(due)) == (answered ? "answered" : "call_failed"));
  CHECK(one.node() == (answered ? "got" : "bad"));
}

TEST_CASE("a call that ends while its run is paused leads on at its resume",
          "[await]") {
  auto one = calling(with_both);
  const auto which = awaited_as(one);
  intervention wish;
  wish.started = one.state().runs->front()->started_turn;
  wish.ordinal = one.state().runs->front()->ordinal;
  wish.what = intervention_kind::pause;
  one.step(intervention_input{wish, {}, {}});
  CHECK(one.timers().empty());
  end_call(one, which, true);
  CHECK(one.timers().empty());
  wish.what = intervention_kind::resume;
  one.step(intervention_input{wish, {}, {}});
  REQUIRE(one.timers().size() == 1);
  CHECK(edges_of(one.fire(*one.timers().begin())) == "answered");
  CHECK(one.node() == "got");
}

TEST_CASE("an awaited call can be skipped", "[await]") {
  auto one = calling(with_both);
  intervention wish;
  wish.started = one.state().runs->front()->started_turn;
  wish.ordinal = one.state().runs->front()->ordinal;
  wish.what = intervention_kind::skip;
  REQUIRE(check_intervention(one.state(), wish, one.with()));
  one.step(intervention_input{wish, {}, {}});
  CHECK(one.node() == "got");
  CHECK(one.timers().empty());
}

TEST_CASE("a cycle of awaited calls needs a wait", "[await]") {
  const std::set<std::string> channels;
  const auto parsed = parse_sequence(
    json(R"({"key":"k","trigger":{"any":[{"event":"go"}]},"entry":"c",
      "nodes":{"c":{"type":"http","url":"https://x.example/","await":true,
                    "then":"c"}}})"),
    channels);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.failure().name == "cycle_without_wait");
}

TEST_CASE("a call whose end nobody could be told of fails its run", "[await]") {
  stepper one;
  one.publish(sequence_of(nodes(with_both), "c"));
  inbox_input far;
  far.hops = hops_max;
  far.record = record("go");
  const auto& turn = one.step(far);
  CHECK(turn.sends.empty());
  CHECK(one.node().empty());
  CHECK(std::get<run_ended>(turn.changes.back()).reason == "loop_detected");
}
