#include "engine/turn_scope.hpp"
#include "tests/support/events.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

contact_state ada() {
  contact_state state;
  state.score = 3;
  state.identities.edit() = {external("usr_1"), email("Ada@Example.com"),
                             who(identity_kind::anonymous_id, "anon-1")};
  state.attributes.edit() = {{"plan", "pro"}};
  state.tags.edit() = {"a", "b"};
  return state;
}

} // namespace

TEST_CASE("a contact is shown with one text per identity", "[scope]") {
  CHECK(contact_document(ada(), nullptr)
        == json(R"({"external_id":"usr_1","email":"Ada@Example.com",
             "phone":null,"anonymous_ids":["anon-1"],
             "attributes":{"plan":"pro"},"tags":["a","b"],"score":3,
             "segments":[]})")
             .as_object());
}

TEST_CASE("a scope shows event, contact, run and now as JSON values",
          "[scope]") {
  const auto state = ada();
  auto made = record("seen");
  made.occurred_at = noon - 1h;
  const auto properties = json(R"({"n":1})").as_object();
  turn_scope scope{state, &made, &properties, noon + 1500us};
  const auto ms = noon.time_since_epoch().count() / 1000;
  CHECK(*scope.root("now") == boost::json::value(ms + 1));
  const auto& event = scope.root("event")->as_object();
  CHECK(event.at("type") == boost::json::value("seen"));
  CHECK(event.at("properties") == json(R"({"n":1})"));
  CHECK(event.at("occurred_at") == boost::json::value(ms - 3'600'000));
  CHECK(event.at("received_at") == boost::json::value(ms + 1));
  CHECK(scope.root("run") == nullptr);
  run current;
  current.node = "w";
  current.started_at = noon;
  current.vars = {{"cart", "c1"}};
  scope.set_run(&current);
  const auto& shown = scope.root("run")->as_object();
  CHECK(shown.at("vars") == json(R"({"cart":"c1"})"));
  CHECK(shown.at("node") == boost::json::value("w"));
  CHECK(shown.at("started_at") == boost::json::value(ms));
  scope.set_run(nullptr);
  CHECK(scope.root("run") == nullptr);
  CHECK(*scope.root("segments") == json("[]"));
}

TEST_CASE("each run shows its own vars", "[scope]") {
  const auto state = ada();
  turn_scope scope{state, nullptr, nullptr, noon};
  run one;
  one.vars = {{"cart", "c1"}};
  run two;
  two.vars = {{"cart", "c2"}};
  const auto* between = GENERATE(false, true) ? &one : nullptr;
  scope.set_run(&one);
  CHECK(scope.root("run")->at("vars") == json(R"({"cart":"c1"})"));
  scope.set_run(between);
  scope.set_run(&two);
  CHECK(scope.root("run")->at("vars") == json(R"({"cart":"c2"})"));
}

TEST_CASE("a past event takes the place of the turn's own, for a while",
          "[scope]") {
  const auto state = ada();
  const auto made = record("now");
  const auto properties = json(R"({"n":1})").as_object();
  turn_scope scope{state, &made, &properties, noon};
  const auto before = json(R"({"n":2})").as_object();
  const past_event then{"then", noon - 1h, before};
  scope.set_past(&then);
  CHECK(scope.root("event")->at("type") == boost::json::value("then"));
  CHECK(scope.root("event")->at("properties") == json(R"({"n":2})"));
  scope.set_past(nullptr);
  CHECK(scope.root("event")->at("type") == boost::json::value("now"));
}
