// Sequences that start sequences.
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

/// A sequence that only others start.
std::shared_ptr<const sequence_definition>
started(const std::string& key, const std::string& nodes,
        const std::string& more = "") {
  return sequence(R"({"key":")" + key + R"(","entry":"e",)" + more
                  + R"("nodes":{)" + nodes + "}}");
}

const std::string asks_for_other
  = R"("s":{"type":"start","sequence":"other","vars":{
        "plan":{"var":"event.properties.plan"},"was":"{{run.node}}"},
        "then":"x"},"x":{"type":"exit"})";

const std::string rests
  = R"("e":{"type":"state","on":[{"event":"woken","then":"x"}]},
       "x":{"type":"exit"})";

std::size_t noted(const turn& made, rule asked, std::string_view inputs) {
  std::size_t count = 0;
  for (const auto& each : made.trace)
    count += each.asked == asked && each.inputs == inputs ? 1U : 0U;
  return count;
}

} // namespace

TEST_CASE("a start node starts the other sequence in the same turn",
          "[start]") {
  stepper one;
  one.publish(sequence_of(asks_for_other, "s"), 1);
  one.publish(started("other", rests, R"("vars":{"plan":"free","own":1},)"), 2);
  const auto& turn = one.see("go", R"({"plan":"pro"})");
  CHECK(nodes_of(turn) == "s x e");
  CHECK(edges_of(turn) == "trigger:go then start:k");
  CHECK(turn.nodes_entered == 3);
  REQUIRE(one.state().runs->size() == 1);
  const auto& run = *one.state().runs->front();
  CHECK(run.sequence == sequence_id{2});
  CHECK(run.ordinal == 2);
  CHECK(boost::json::value(run.vars)
        == json(R"({"plan":"pro","was":"s","own":1})"));
  CHECK(noted(turn, rule::start, "other") == 1);
}

TEST_CASE("a timer and an operator reach start nodes too", "[start]") {
  stepper one;
  one.publish(sequence_of(R"("w":{"type":"wait","for":"1h","then":"s"},)"
                            + asks_for_other,
                          "w"),
              1);
  one.publish(started("other", rests), 2);
  one.see("go");
  const auto by_operator = GENERATE(false, true);
  if (by_operator) {
    intervention wish;
    wish.what = intervention_kind::transition;
    wish.started = one.state().runs->front()->started_turn;
    wish.ordinal = 1;
    wish.node = "s";
    one.step(intervention_input{wish, {}, {}});
  } else {
    one.now += 1h;
    one.fire(*one.timers().begin());
  }
  CHECK(one.state().runs->front()->sequence == sequence_id{2});
  CHECK(one.timers().empty());
}

TEST_CASE("what a start node starts is admitted as any run", "[start]") {
  stepper one;
  one.publish(sequence_of(asks_for_other, "s"), 1);
  one.publish(started("other", rests, R"("filter":{"has_tag":"vip"},)"), 2);
  const auto& turn = one.see("go");
  CHECK(one.state().runs->empty());
  CHECK(turn.trace.back().asked == rule::filter);
  CHECK(turn.trace.back().sequence == sequence_id{2});
}

TEST_CASE("a start of a sequence that is live is refused by its re-entry rule",
          "[start]") {
  stepper one;
  one.publish(sequence_of(asks_for_other, "s"), 1);
  one.publish(started("other", rests), 2);
  one.see("go");
  const auto& turn = one.see("go");
  CHECK(one.state().runs->size() == 1);
  CHECK(turn.trace.back().asked == rule::re_entry);
  CHECK_FALSE(turn.trace.back().passed);
}

TEST_CASE("a start of what is gone or paused is passed by and noted",
          "[start]") {
  stepper one;
  one.publish(sequence_of(asks_for_other, "s"), 1);
  CHECK(noted(one.see("go"), rule::start, "unknown:other") == 1);
  one.with().add({sequence_id{2}, 1, true, started("other", rests), true});
  CHECK(noted(one.see("go"), rule::paused, R"({"held":"sequence"})") == 1);
  CHECK(one.state().runs->empty());
}

TEST_CASE("a sequence that starts itself goes round 16 times and stops",
          "[start]") {
  stepper one;
  one.publish(sequence_of(R"("s":{"type":"start","sequence":"k","then":"x"},
                             "x":{"type":"exit"})",
                          "s", R"("reentry":"always",)"));
  const auto& turn = one.see("go");
  CHECK(turn.nodes_entered == 2 * (1 + hops_max));
  CHECK(noted(turn, rule::start, "loop_detected:k") == 1);
  CHECK(one.state().runs->empty());
}

TEST_CASE("a sequence that starts itself more than once is stopped by the "
          "nodes of a turn",
          "[start]") {
  stepper one;
  one.publish(sequence_of(R"("s":{"type":"start","sequence":"k","then":"t"},
                             "t":{"type":"start","sequence":"k","then":"u"},
                             "u":{"type":"start","sequence":"k","then":"x"},
                             "x":{"type":"exit"})",
                          "s", R"("reentry":"always",)"));
  const auto& turn = one.see("go");
  CHECK(turn.nodes_entered <= 10'000);
  CHECK(noted(turn, rule::node_limit, "") > 0);
  CHECK(one.state().runs->empty());
}

TEST_CASE("vars that are handed on do not grow without end", "[start]") {
  stepper one;
  one.publish(sequence_of(
    R"("s":{"type":"start","sequence":"k","vars":{"a":{"cat":[
         {"var":"run.vars.a"},{"var":"run.vars.a"},"xxxxxxxxxxxxxxxx"]}},
         "then":"x"},"x":{"type":"exit"})",
    "s", R"("reentry":"always",)"));
  const auto& turn = one.see("go");
  CHECK(noted(turn, rule::start, "vars_too_large:k") == 1);
  CHECK(turn.nodes_entered < 2 * (1 + hops_max));
}

TEST_CASE("a wait of a sequence that is started looks back for what it needs",
          "[start]") {
  stepper one;
  one.publish(sequence_of(R"("w":{"type":"wait","look_back":"1d",
                               "any":[{"event":"seen"}],"then":"s"},)"
                            + asks_for_other,
                          "w"),
              1);
  one.publish(started("other", R"("e":{"type":"start","sequence":"third",
                                   "then":"x"},"x":{"type":"exit"})"),
              2);
  one.publish(started("third", R"("e":{"type":"wait","look_back":"1d",
                                   "any":[{"event":"paid"}],"then":"got"},
                                   "got":{"type":"state","on":[
                                     {"event":"never","then":"got"}]})"),
              3);
  one.see("paid");
  one.see("seen");
  one.now += 1min;
  one.see("go");
  CHECK(one.node() == "got");
  CHECK(one.histories_read == 1);
}
