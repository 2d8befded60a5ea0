#include "engine/merge.hpp"
#include "tests/support/random_values.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

const std::string bought_in_30_days
  = R"({">=":[{"event_count":{"event":"bought","within":"30d"}},1]})";

/// "entered rich, left poor"
std::string moves_of(const stepper& one, const turn& what) {
  std::string out;
  for (const auto& each : what.changes)
    if (const auto* moved = std::get_if<segment_moved>(&each)) {
      const auto* key
        = const_cast<stepper&>(one).with().segment_key(moved->segment);
      out += (out.empty() ? "" : ", ")
             + std::string{moved->entered ? "entered " : "left "}
             + (key == nullptr ? "?" : *key);
    }
  return out;
}

std::string fault_of(std::string_view condition) {
  const auto made = compile_segment(json(condition), "/condition");
  return made ? "none" : made.failure().name + " " + made.failure().pointer;
}

} // namespace

TEST_CASE("R4 an event makes the contact a member at once, and its age ends "
          "that to the microsecond",
          "[segments]") {
  stepper one;
  one.publish_segment("buyers", bought_in_30_days);
  CHECK(moves_of(one, one.see("seen")).empty());
  CHECK(moves_of(one, one.see("bought")) == "entered buyers");
  REQUIRE(one.timers().size() == 1);
  const auto due = *one.timers().begin();
  const auto bought_at = one.turns().back().stamp.at;
  CHECK(due == timer{bought_at + std::chrono::days{30}, 0, segment_timer});
  const auto& told = one.turns().back().messages;
  REQUIRE(told.size() == 1);
  CHECK(told[0].type == "$segment_entered");
  CHECK(told[0].properties
        == R"({"segment":"buyers","name":"buyers","cause":"event"})");
  one.now = due.due - 1us;
  one.see("seen");
  CHECK(one.segments() == "buyers");
  one.now = due.due;
  const auto& left = one.fire(due);
  CHECK(moves_of(one, left) == "left buyers");
  CHECK(left.messages.at(0).type == "$segment_left");
  CHECK(one.timers().empty());
}

TEST_CASE(
  "what left a segment before an event came is not in it for that event",
  "[segments]") {
  stepper one;
  one.publish_segment("buyers", bought_in_30_days);
  one.publish(sequence_of(R"("x":{"type":"exit"})", "x",
                          R"("filter":{"in_segment":"buyers"},)"));
  one.see("bought");
  const auto due = *one.timers().begin();
  one.now = due.due + 1h; // the timer is late
  const auto& turn = one.see("go");
  CHECK_FALSE(starts_run(turn));
  CHECK(moves_of(one, turn) == "left buyers");
  CHECK(moves_of(one, one.fire(due)).empty());
  CHECK(one.timers().empty());
}

TEST_CASE("R4 a newer event keeps the contact in when the older one is too old",
          "[segments]") {
  stepper one;
  one.publish_segment("buyers", bought_in_30_days);
  one.see("bought");
  one.now += std::chrono::days{20};
  one.see("bought");
  const auto first = *one.timers().begin();
  one.now = first.due;
  CHECK(moves_of(one, one.fire(first)).empty());
  CHECK(one.segments() == "buyers");
  REQUIRE(one.timers().size() == 1);
  const auto second = *one.timers().begin();
  CHECK(second.due > first.due);
  one.now = second.due;
  CHECK(moves_of(one, one.fire(second)) == "left buyers");
}

TEST_CASE("R8 sums and conditions on properties decide who is in a segment",
          "[segments]") {
  stepper one;
  one.publish_segment("big", R"({">":[{"event_sum":{"event":"order.*",
    "of":"properties.total","where":{">=":[{"var":"event.properties.items"},3]}
    }},100]})");
  one.see("order.paid", R"({"total":90,"items":3})");
  one.see("order.paid", R"({"total":500,"items":2})");
  one.see("order.paid", R"({"total":"900","items":3})");
  CHECK(one.segments().empty());
  CHECK(moves_of(one, one.see("order.sent", R"({"total":10.5,"items":7})"))
        == "entered big");
  CHECK(one.timers().empty());
}

TEST_CASE("an event counts by when it occurred", "[segments]") {
  stepper one;
  one.publish_segment("buyers", bought_in_30_days);
  auto old = event("bought");
  old.event.record.occurred_at = one.now - std::chrono::days{31};
  one.step(old);
  CHECK(one.segments().empty());
  old.event.record.occurred_at = one.now - std::chrono::days{29};
  one.step(old);
  CHECK(one.segments() == "buyers");
  CHECK(one.timers().begin()->due == one.now + std::chrono::days{1});
}

TEST_CASE("a segment that comes later knows what happened before it",
          "[segments]") {
  stepper one;
  one.see("bought");
  one.see("bought");
  one.publish_segment("twice",
                      R"({"==":[{"event_count":{"event":"bought"}},2]})");
  one.publish_segment("buyers", bought_in_30_days);
  CHECK(one.histories_read == 0);
  intervention_input review;
  review.what.what = intervention_kind::review;
  const auto& turn = one.step(review);
  CHECK(moves_of(one, turn) == "entered twice, entered buyers");
  CHECK(one.histories_read == 1);
  CHECK(one.timers().size() == 1);
  one.see("bought");
  CHECK(one.segments() == "buyers");
  CHECK(one.histories_read == 1);
  CHECK(one.step(review).changes.empty());
}

TEST_CASE("segments that are no more have nobody, and nobody hears of it",
          "[segments]") {
  stepper one;
  one.publish_segment("buyers", bought_in_30_days);
  one.see("bought");
  one.forget_definitions();
  const auto& turn = one.see("seen");
  CHECK(turn.messages.empty());
  CHECK(one.state().segments->in.empty());
  CHECK(one.state().segments->tallies.empty());
}

TEST_CASE("what a run does to its contact moves the contact in the same turn",
          "[segments]") {
  stepper one;
  one.publish_segment("vip", R"({"has_tag":"vip"})");
  one.publish_segment("rich", R"({">":[{"var":"contact.score"},5]})");
  one.publish_segment("both", R"({"and":[{"in_segment":"vip"},
                                         {"in_segment":"rich"}]})");
  one.publish(sequence_of(
    R"("u":{"type":"update","tags_add":["vip"],"score_add":10,"then":"x"},
       "x":{"type":"exit"})",
    "u"));
  CHECK(moves_of(one, one.see("go"))
        == "entered vip, entered rich, entered both");
}

TEST_CASE("a sequence's filter sees the segments its own event leads to",
          "[segments]") {
  stepper one;
  one.publish_segment("buyers", bought_in_30_days);
  one.publish(sequence(R"({"key":"k","trigger":{"any":[{"event":"bought"}]},
    "filter":{"and":[{"in_segment":"buyers"},{"in":["buyers",
    {"var":"contact.segments"}]},{"in":["buyers",{"var":"segments"}]},
    {"==":[{"event_count":{"event":"bought"}},1]},
    {"<=":[{"event_last":{"event":"bought"}},{"var":"now"}]}]},
    "entry":"x","nodes":{"x":{"type":"exit"}}})"));
  CHECK(starts_run(one.see("bought")));
  CHECK_FALSE(starts_run(one.see("bought")));
}

TEST_CASE(
  "a contact that takes in another one is looked at with both histories",
  "[segments]") {
  stepper one;
  stepper other{contact_id{2}};
  for (auto* each : {&one, &other})
    each->publish_segment(
      "twice",
      R"({">=":[{"event_count":{"event":"bought","within":"1d"}},2]})");
  one.see("bought");
  other.see("bought");
  CHECK(one.segments().empty());
  const auto& merged = one.step(merge_input{other.state()});
  CHECK(std::any_of(merged.changes.begin(), merged.changes.end(),
                    [](const change& what) {
                      return std::holds_alternative<timer_dropped>(what);
                    }));
  CHECK(one.state().segments->known_tallies == 0);
  one.see("seen"); // reads its own history alone here
  CHECK(one.histories_read == 1);
}

TEST_CASE("of many events those closest together become one, and none is lost",
          "[segments]") {
  tally held;
  held.reach = std::chrono::days{1};
  for (int i = 0; i < 1000; ++i)
    add(held, {noon + i * 1s, 1, 2}, noon + i * 1s);
  CHECK(held.recent.size() == recent_events_max);
  CHECK(count_of(held, std::chrono::days{1}, noon + 1000s) == 1000);
  CHECK(sum_of(held, std::chrono::days{1}, noon + 1000s) == 2000);
  CHECK(count_of(held, {}, noon + 1000s) == 1000);
  const auto later = noon + 999s + std::chrono::days{1};
  CHECK(count_of(held, std::chrono::days{1}, later) == 0);
  CHECK(sum_of(held, std::chrono::days{1}, later) == 0);
}

TEST_CASE("R9 a segment cannot ask for what is not the contact's, and says "
          "where",
          "[segments]") {
  CHECK(fault_of(R"({"==":[{"var":"event.properties.plan"},"pro"]})")
        == "condition_unknown_root /condition/==/0/var");
  CHECK(fault_of(R"({"<":[{"var":"contact.attributes.ends"},{"var":"now"}]})")
        == "condition_unknown_root /condition/</1/var");
  CHECK(fault_of(R"({"!!":[{"event_count":{"event":"a","where":
          {"==":[{"var":"event.properties.$extra.session_id"},1]}}}]})")
        == "condition_reserved_name "
           "/condition/!!/0/event_count/where/==/0/var");
  CHECK(fault_of(R"({"!!":[{"event_sum":{"event":"a","of":"properties.$extra.x"
          }}]})")
        == "condition_bad_operand /condition/!!/0/event_sum/of");
  CHECK(fault_of(R"({"event_count":{"event":"a","within":"soon"}})")
        == "condition_bad_operand /condition/event_count/within");
  CHECK(fault_of(R"({"event_count":{"event":"a","of":"value"}})")
        == "condition_bad_operand /condition/event_count/of");
  CHECK(fault_of(R"({"event_count":{"event":"a","where":{"has_tag":"x"}}})")
        == "condition_unknown_root /condition/event_count/where/has_tag");
  CHECK(fault_of(R"({"event_count":{"event":"a","where":
          {"event_count":{"event":"b"}}}})")
        == "condition_bad_operand /condition/event_count/where/event_count");
  CHECK(fault_of(R"({"event_count":{}})")
        == "condition_bad_operand /condition/event_count/event");
  CHECK(fault_of(R"({"in":["vip",{"var":"contact.segments"}]})")
        == "condition_unknown_root /condition");
  CHECK(fault_of(R"({"!":[{"var":[{"cat":["no","w"]}]}]})")
        == "condition_bad_operand /condition/!/0/var");
  CHECK(fault_of(R"({"missing":[{"cat":["contact.","email"]}]})")
        == "condition_bad_operand /condition/missing");
  CHECK(fault_of(R"({"in_segment":{"var":"x"}})")
        == "condition_bad_operand /condition/in_segment");
}

// An oracle that looks at all events again each time.
TEST_CASE("R4 members are those whose events say so, whatever the order of "
          "events and expiries",
          "[segments]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  dice from{seed};
  for (int round = 0; round < 50; ++round) {
    stepper one;
    one.publish_segment(
      "two", R"({">=":[{"event_count":{"event":"a","within":"1h"}},2]})");
    one.publish_segment("sum", R"({">":[{"event_sum":{"event":"a",
                     "of":"properties.n","within":"2h"}},50]})");
    one.publish_segment(
      "none", R"({"==":[{"event_count":{"event":"a","within":"3h"}},0]})");
    std::vector<std::pair<timestamp, double>> seen;
    for (int i = 0; i < 40; ++i) {
      // No two events an hour apart: an expiry is never at an event.
      one.now += std::chrono::minutes{from.below(50)} + 1ms;
      while (!one.timers().empty() && one.timers().begin()->due <= one.now) {
        const auto due = *one.timers().begin();
        const auto now = std::exchange(one.now, due.due);
        one.fire(due);
        one.now = now;
      }
      if (from.chance(60)) {
        const auto n = static_cast<double>(from.below(30));
        one.see("a", R"({"n":)" + std::to_string(n) + "}");
        seen.emplace_back(one.turns().back().stamp.at, n);
      } else {
        one.see("b");
      }
      const auto at = one.turns().back().stamp.at;
      int in_1h = 0;
      int in_3h = 0;
      double sum = 0;
      for (const auto& [when, n] : seen) {
        in_1h += when > at - 1h ? 1 : 0;
        in_3h += when > at - 3h ? 1 : 0;
        sum += when > at - 2h ? n : 0;
      }
      std::string expected;
      const auto add_if = [&](bool is_in, const char* key) {
        if (is_in)
          expected += (expected.empty() ? "" : " ") + std::string{key};
      };
      add_if(in_1h >= 2, "two");
      add_if(sum > 50, "sum");
      add_if(in_3h == 0, "none");
      REQUIRE(one.segments() == expected);
    }
  }
}
