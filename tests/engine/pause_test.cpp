// What operators do to runs that rest, and what a pause leaves behind.
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

const std::string nodes = R"("w":{"type":"wait","for":"1h","then":"s"},
       "s":{"type":"send","channel":"email","text":"hi","then":"h"},
       "h":{"type":"http","url":"https://x.example/","then":"w2"},
       "w2":{"type":"wait","any":[{"event":"paid"}],"then":"paid",
             "timeout":"1h","on_timeout":"t"},
       "t":{"type":"send","channel":"email","text":"ho","then":"r"},
       "paid":{"type":"update","tags_add":["paid"],"then":"r"},
       "r":{"type":"state","on":[{"event":"back","then":"w"}]})";

stepper waiting(const std::string& more) {
  stepper one;
  one.publish(sequence_of(nodes, "w", more));
  one.see("go");
  return one;
}

/// The same contact with its sequence paused or resumed.
definitions with_sequence(const std::string& more, bool paused) {
  definitions with{2};
  with.add_channel("email", destination_id{70});
  with.set_steps(destination_id{71});
  with.add({sequence_id{1}, 1, true, sequence_of(nodes, "w", more), paused});
  return with;
}

const turn& intervene(stepper& one, intervention_kind what) {
  intervention wish;
  wish.what = what;
  wish.started = one.state().runs->front()->started_turn;
  wish.ordinal = one.state().runs->front()->ordinal;
  const auto checked = check_intervention(one.state(), wish, one.with());
  REQUIRE(checked);
  return one.step(intervention_input{wish, {}, {}});
}

std::string refusal(const stepper& one, intervention_kind what,
                    const definitions& with) {
  intervention wish;
  wish.what = what;
  wish.started = one.state().runs->front()->started_turn;
  wish.ordinal = one.state().runs->front()->ordinal;
  const auto checked = check_intervention(one.state(), wish, with);
  return checked ? "" : checked.failure().name;
}

std::size_t sends_to(const turn& made, std::uint32_t destination) {
  std::size_t count = 0;
  for (const auto& send : made.sends)
    count += send.destination == destination_id{destination} ? 1U : 0U;
  return count;
}

const std::string skipping = R"("on_resume":"skip_overdue",)";

} // namespace

TEST_CASE("what came due while its sequence was paused is sent or left out at "
          "resume, as the sequence says",
          "[pause]") {
  const auto* more = GENERATE("", R"("on_resume":"send_overdue",)",
                              R"("on_resume":"skip_overdue",)");
  const auto skips = more == skipping;
  auto one = waiting(more);
  const auto due = *one.timers().begin();
  one.with() = with_sequence(more, true);
  one.now = noon + 1h;
  const auto held = one.fire(due);
  CHECK(one.node() == "w");
  CHECK(held.changes.size() == (skips ? 1 : 0));
  CHECK(one.state().is_overdue(1) == skips);
  one.with() = with_sequence(more, false);
  one.now = noon + 24h;
  const auto& turn = one.fire(due); // the store sets it again
  CHECK(nodes_of(turn) == "s h w2");
  CHECK(sends_to(turn, 70) == (skips ? 0 : 1));
  CHECK(sends_to(turn, 71) == 1); // calls are no messages
  CHECK_FALSE(one.state().is_overdue(1));
  std::size_t noted = 0;
  for (const auto& each : turn.trace)
    noted += each.asked == rule::on_resume && !each.passed ? 1U : 0U;
  CHECK(noted == (skips ? 1 : 0));
  // The next wait is a wait as any.
  one.now += 1h;
  CHECK(sends_to(one.fire(*one.timers().begin()), 70) == 1);
}

TEST_CASE("what came due while a run was paused is left out too", "[pause]") {
  const auto late = GENERATE(false, true);
  auto one = waiting(skipping);
  intervene(one, intervention_kind::pause);
  one.now = noon + (late ? 2h : 30min);
  intervene(one, intervention_kind::resume);
  CHECK(one.state().is_overdue(1) == late);
  one.now = noon + 3h;
  CHECK(sends_to(one.fire(*one.timers().begin()), 70) == (late ? 0 : 1));
}

TEST_CASE("an event that moves an overdue run on is no part of the pause",
          "[pause]") {
  auto one = waiting(skipping);
  one.now = noon + 1h;
  one.fire(*one.timers().begin());
  intervene(one, intervention_kind::pause);
  one.now = noon + 3h;
  intervene(one, intervention_kind::resume);
  REQUIRE(one.state().is_overdue(1));
  one.see("paid");
  CHECK(one.node() == "r");
  CHECK_FALSE(one.state().is_overdue(1));
  CHECK(one.state().overdue->empty());
}

TEST_CASE("skip ends a wait by the way of its time", "[pause]") {
  auto one = waiting("");
  CHECK(edges_of(intervene(one, intervention_kind::skip))
        == "operator then then");
  CHECK(one.node() == "w2");
  CHECK(one.timers().size() == 1);
  CHECK(nodes_of(intervene(one, intervention_kind::skip)) == "t r");
  CHECK(one.timers().empty());
  CHECK(refusal(one, intervention_kind::skip, one.with()) == "nothing_to_skip");
}

TEST_CASE("skip leaves out a send that quiet hours hold", "[pause]") {
  stepper one;
  one.publish(sequence_of(
    nodes, "s",
    R"("quiet_hours":{"from":"11:00","to":"13:00","timezone":"UTC"},)"));
  one.see("go");
  REQUIRE(one.node() == "s");
  const auto& turn = intervene(one, intervention_kind::skip);
  CHECK(nodes_of(turn) == "h w2");
  CHECK(sends_to(turn, 70) == 0);
  CHECK(one.timers().size() == 1);
}

TEST_CASE("retry enters the node again and its time starts anew", "[pause]") {
  auto one = waiting("");
  one.now = noon + 30min;
  CHECK(edges_of(intervene(one, intervention_kind::retry)) == "operator");
  CHECK(one.node() == "w");
  REQUIRE(one.timers().size() == 1);
  CHECK(one.timers().begin()->due == noon + 90min);
}

TEST_CASE("a run that is paused, or whose sequence is, is not moved",
          "[pause]") {
  const auto what = GENERATE(intervention_kind::skip, intervention_kind::retry,
                             intervention_kind::transition);
  auto one = waiting("");
  CHECK(refusal(one, what, with_sequence("", true)) == "sequence_paused");
  CHECK(refusal(one, what, definitions{3}) == "definition_missing");
  intervene(one, intervention_kind::pause);
  CHECK(refusal(one, what, one.with()) == "run_paused");
}
