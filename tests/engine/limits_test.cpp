// Goals, caps and the age of events: what holds for all of a sequence.
#include "engine/merge.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

const std::string rests
  = R"("r":{"type":"wait","any":[{"event":"paid"}],"then":"x","timeout":"1h",
        "on_timeout":"x"},"x":{"type":"exit"})";

/// Sends once for each `go`, over a channel.
std::shared_ptr<const sequence_definition>
sending(const std::string& more, const std::string& channel = "email") {
  return sequence_of(R"("s":{"type":"send","channel":")" + channel
                       + R"(","text":"hi","then":"x"},"x":{"type":"exit"})",
                     "s", R"("reentry":"always",)" + more);
}

const run_ended& ended_by(const turn& made) {
  return std::get<run_ended>(made.changes.back());
}

/// The last check of the rule, if it was asked.
std::optional<check> last(const turn& made, rule asked) {
  std::optional<check> out;
  for (const auto& each : made.trace)
    if (each.asked == asked)
      out = each;
  return out;
}

} // namespace

TEST_CASE("a goal completes a run, wherever it rests, and clears its timer",
          "[limits]") {
  stepper one;
  one.publish(sequence_of(rests, "r",
                          R"("goals":[{"event":"bought","where":{">":[
         {"var":"event.properties.n"},5]}}],)"));
  one.see("go");
  one.see("bought", R"({"n":5})");
  CHECK(one.node() == "r");
  const auto& turn = one.see("bought", R"({"n":6})");
  CHECK(ended_by(turn).status == run_status::completed);
  CHECK(ended_by(turn).reason == "goal:bought");
  CHECK(last(turn, rule::goal)->passed);
  CHECK(one.timers().empty());
  CHECK(turn.timers_cleared.size() == 1);
}

TEST_CASE("a goal goes before exit_when and before the wait's own event",
          "[limits]") {
  stepper one;
  one.publish(sequence_of(
    rests, "r", R"("goals":[{"event":"paid"}],"exit_when":[{"event":"*"}],)"));
  one.see("go");
  CHECK(ended_by(one.see("paid")).reason == "goal:paid");
  one.now += 1h;
  one.see("go");
  const auto& turn = one.see("other");
  CHECK(ended_by(turn).status == run_status::exited);
  CHECK(ended_by(turn).reason == "exit_when:other");
}

TEST_CASE("a cap leaves out the sends above it until the span has passed",
          "[limits]") {
  stepper one;
  one.publish(sending(R"("frequency_cap":{"max":2,"within":"7d"},)"));
  const auto sends = [&](duration after) {
    one.now = noon + after;
    return one.see("go").sends.size();
  };
  CHECK(sends(0h) == 1);
  CHECK(sends(24h) == 1);
  CHECK(sends(48h) == 0);
  const auto asked = last(one.turns().back(), rule::frequency_cap);
  REQUIRE(asked);
  CHECK_FALSE(asked->passed);
  CHECK(asked->run == 3);
  CHECK(asked->inputs
        == R"({"node":"s","sent":2,"max":2,"ends_at":")"
             + to_iso8601(noon + 7 * 24h) + "\"}");
  CHECK(one.state().runs->empty()); // the run went on
  CHECK(sends(7 * 24h - 1us) == 0);
  CHECK(sends(7 * 24h) == 1);
  CHECK(sends(7 * 24h + 1s) == 0);
  CHECK(one.state().sends->size() == 2); // what no cap asks for is forgotten
}

TEST_CASE("a cap of a sequence counts no other sequence's sends", "[limits]") {
  stepper one;
  one.publish(sending(R"("frequency_cap":{"max":1,"within":"1d"},)"), 1);
  one.publish(sending(""), 2);
  CHECK(one.see("go").sends.size() == 2);
  CHECK(one.see("go").sends.size() == 1);
  CHECK(one.turns().back().sends[0].run == 4);
}

TEST_CASE("a cap of a channel counts what every sequence sends over it",
          "[limits]") {
  stepper one;
  one.with().add_channel("sms", destination_id{72});
  one.publish(sending(""), 1);
  one.publish(sending("", "sms"), 2);
  one.publish(
    sending(R"("frequency_cap":{"max":2,"within":"1d","channel":"email"},)"),
    3);
  CHECK(one.see("go").sends.size() == 3);
  CHECK(one.see("go").sends.size() == 2); // the third sequence's is over
  CHECK(one.state().sends->size() == 3);  // those over `sms` are not counted
}

TEST_CASE("a cap of another channel does not hold a send", "[limits]") {
  stepper one;
  one.with().add_channel("sms", destination_id{72});
  one.publish(
    sending(R"("frequency_cap":{"max":1,"within":"1d","channel":"sms"},)"));
  one.see("go");
  CHECK(one.see("go").sends.size() == 1);
  CHECK_FALSE(last(one.turns().back(), rule::frequency_cap));
}

TEST_CASE("without caps sends leave no trace in the state", "[limits]") {
  stepper one;
  one.publish(sending(""));
  one.see("go");
  CHECK(one.state().sends->empty());
}

TEST_CASE("counted sends are bounded", "[limits]") {
  contact_state state;
  for (int i = 0; i < 1200; ++i)
    apply_change(state, send_counted{{sequence_id{1}, {}, noon + i * 1s}, {}},
                 {});
  CHECK(state.sends->size() == counted_sends_max);
  CHECK(state.sends->front().at == noon + 200s);
}

TEST_CASE("a merge counts the sends of both contacts", "[limits]") {
  contact_state mine;
  contact_state theirs;
  const auto sent = [](timestamp at) {
    return counted_send{sequence_id{1}, destination_id{70}, at};
  };
  mine.sends.edit() = {sent(noon), sent(noon + 2h)};
  theirs.sends.edit() = {sent(noon + 1h)};
  turn made;
  const auto both = take_over(made, mine, theirs);
  CHECK(*both.sends
        == std::vector{sent(noon), sent(noon + 1h), sent(noon + 2h)});
}

TEST_CASE("an event that happened too long ago starts nothing", "[limits]") {
  stepper one;
  one.publish(sequence_of(rests, "r", R"("max_event_age":"1h",)"));
  const auto arrive = [&](std::optional<timestamp> occurred) {
    auto input = event("go");
    input.event.record.occurred_at = occurred;
    return one.step(input);
  };
  const auto late = arrive(noon - 1h - 1us);
  CHECK(one.state().runs->empty());
  REQUIRE(last(late, rule::max_event_age));
  CHECK_FALSE(last(late, rule::max_event_age)->passed);
  CHECK(last(late, rule::max_event_age)->inputs
        == R"({"occurred_at":")" + to_iso8601(noon - 1h - 1us)
             + R"(","oldest":")" + to_iso8601(noon - 1h) + "\"}");
  one.now += 1us;
  const auto in_time = GENERATE(as<std::optional<timestamp>>{}, std::nullopt,
                                noon - 1h + 2us, noon + 1h);
  arrive(in_time);
  CHECK(one.node() == "r");
}

TEST_CASE("a late event is still what an open wait waits for", "[limits]") {
  stepper one;
  one.publish(sequence_of(rests, "r", R"("max_event_age":"1h",)"));
  one.see("go");
  auto input = event("paid");
  input.event.record.occurred_at = noon - 24h;
  one.step(input);
  CHECK(one.state().runs->empty());
}
