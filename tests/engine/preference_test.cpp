// S41 What a contact wants to be sent, per channel and category.
#include "engine/merge.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

std::shared_ptr<const sequence_definition> sending(const std::string& category
                                                   = "") {
  return sequence_of(
    R"("s":{"type":"send","channel":"email","text":"hi",)"
      + (category.empty() ? "" : R"("category":")" + category + "\",")
      + R"("then":"t"},"t":{"type":"update","tags_add":["went_on"],
         "then":"x"},"x":{"type":"exit"})",
    "s", R"("reentry":"always",)");
}

void choose(stepper& one, const std::string& category, bool subscribed) {
  event_input input;
  auto& write = input.event.write.emplace();
  write.exact = true;
  input.event.preferences = {{"email", category, subscribed, {}}};
  one.step(input);
}

std::optional<check> consent_of(const turn& made) {
  for (const auto& each : made.trace)
    if (each.asked == rule::consent)
      return each;
  return std::nullopt;
}

} // namespace

TEST_CASE("S41 without a choice a contact is sent to, and no rule is asked",
          "[preferences]") {
  stepper one;
  one.publish(sending("news"));
  const auto& made = one.see("go");
  CHECK(made.sends.size() == 1);
  CHECK_FALSE(consent_of(made));
}

TEST_CASE("S41 what a contact does not want is passed by, the trace says why, "
          "and the run goes on",
          "[preferences]") {
  const auto* const category = GENERATE("", "news");
  stepper one;
  one.publish(sending("news"));
  choose(one, category, false);
  const auto& made = one.see("go");
  CHECK(made.sends.empty());
  CHECK(one.state().tags->size() == 1);
  const auto asked = consent_of(made);
  REQUIRE(asked);
  CHECK_FALSE(asked->passed);
  CHECK(asked->run == 1);
  const auto inputs = json(asked->inputs);
  CHECK(inputs.at("node").as_string() == "s");
  CHECK(inputs.at("channel").as_string() == "email");
  CHECK(inputs.at("category").as_string() == category);
  CHECK(inputs.at("choice").as_string() == "unsubscribed");
  CHECK(inputs.at("chosen_at").as_string().starts_with("20"));
}

TEST_CASE("S41 a choice about one category or channel says nothing of others",
          "[preferences]") {
  stepper one;
  one.with().add_channel("sms", destination_id{72});
  one.publish(sending(""), 1);
  one.publish(sending("receipts"), 2);
  choose(one, "news", false);
  CHECK(one.see("go").sends.size() == 2);
  event_input other;
  other.event.write.emplace().exact = true;
  other.event.preferences = {{"sms", "", false, {}}};
  one.step(other);
  CHECK(one.see("go").sends.size() == 2);
}

TEST_CASE("S41 a category that is wanted does not undo the choice against the "
          "channel",
          "[preferences]") {
  stepper one;
  one.publish(sending("news"));
  choose(one, "", false);
  choose(one, "news", true);
  CHECK(one.see("go").sends.empty());
  choose(one, "", true);
  const auto& made = one.see("go");
  CHECK(made.sends.size() == 1);
  REQUIRE(consent_of(made));
  CHECK(consent_of(made)->passed);
}

TEST_CASE("S41 a choice that is made already changes nothing",
          "[preferences]") {
  stepper one;
  choose(one, "news", false);
  const auto since = one.state().preferences->front().updated_at;
  choose(one, "news", false);
  CHECK(one.turns().back().changes.empty());
  CHECK(one.state().preferences->front().updated_at == since);
}

TEST_CASE("S41 a choice that comes with an event holds for what the event "
          "starts",
          "[preferences]") {
  stepper one;
  one.publish(sending());
  auto input = event("go");
  input.event.preferences = {{"email", "", false, {}}};
  CHECK(one.step(input).sends.empty());
}

TEST_CASE("S41 when two contacts become one, who wants nothing on either side "
          "wants nothing",
          "[preferences]") {
  contact_state mine;
  contact_state theirs;
  mine.preferences.edit()
    = {{"email", "", true, noon}, {"sms", "", false, noon}};
  theirs.preferences.edit() = {{"email", "", false, noon - 1h},
                               {"push", "news", false, noon},
                               {"sms", "", true, noon}};
  turn made;
  const auto both = take_over(made, mine, theirs);
  CHECK(*both.preferences
        == preference_list{{"email", "", false, noon - 1h},
                           {"push", "news", false, noon},
                           {"sms", "", false, noon}});
}

TEST_CASE("choices are bounded, but one against being sent to is always kept",
          "[preferences]") {
  stepper one;
  for (std::size_t i = 0; i < preferences_max; ++i)
    choose(one, "c" + std::to_string(i), true);
  choose(one, "one more", true);
  CHECK(one.turns().back().warnings.size() == 1);
  CHECK(one.turns().back().warnings.front().code == "preference_limit");
  CHECK(one.state().preferences->size() == preferences_max);
  choose(one, "unwanted", false);
  choose(one, "unwanted too", false);
  CHECK(one.state().preferences->size() == preferences_max + 1);
  CHECK(refusal_of(*one.state().preferences, "email", "unwanted") != nullptr);
}
