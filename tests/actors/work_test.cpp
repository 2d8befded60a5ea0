#include "tests/support/actor_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace troupe;
using tests::actor_world;
using kind = messages::definition_change::kind;

namespace {

constexpr auto waiting = R"({"key":"s","status":"active","entry":"w",
  "reentry":"never","trigger":{"any":[{"event":"start"}]},
  "nodes":{"w":{"type":"wait","for":"10s","then":"late"},
           "late":{"type":"update","score_add":1,"then":"end"},
           "end":{"type":"exit"}}})";

messages::call_outcome answered(long status) {
  messages::call_outcome outcome;
  outcome.status = status;
  return outcome;
}

} // namespace

TEST_CASE("commits that arrive together share one transaction",
          "[actors][persistence]") {
  actor_world world;
  const auto before = world.store->commits;
  for (int i = 0; i < 50; ++i)
    world.send(world.event("a", "usr_" + std::to_string(i)));
  world.time.run();
  CHECK(world.events().size() == 50);
  CHECK(world.store->commits - before < 10);
}

TEST_CASE("a commit that makes its group fail harms only itself",
          "[actors][persistence]") {
  actor_world world;
  world.send(world.event("a", "poison"));
  world.time.run();
  const auto poison = world.stored("poison").id;
  world.store->fails = [poison](auto units) {
    return std::any_of(units.begin(), units.end(), [&](const auto& unit) {
      return unit.contact == poison;
    });
  };
  std::vector<tests::asked<messages::ingest_answer>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(world.send(world.event("a", "usr_" + std::to_string(i))));
  const auto bad = world.send(world.event("a", "poison"));
  world.time.run();
  for (const auto& answer : answers) {
    REQUIRE(answer.has_value());
    CHECK(!answer->failure);
  }
  REQUIRE(bad.has_value());
  CHECK(bad->failure);
  CHECK(world.events().size() == 21);
}

TEST_CASE("a timer fires once when it is due", "[actors][scheduler]") {
  actor_world world;
  REQUIRE(!world.define(kind::sequence, waiting).failure);
  world.send(world.event("start", "usr_1"));
  world.time.run();
  world.time.advance(std::chrono::seconds{9});
  CHECK(world.stored("usr_1").score == 0);
  for (int i = 0; i < 10; ++i)
    world.time.advance(std::chrono::milliseconds{500});
  CHECK(world.stored("usr_1").score == 1);
  CHECK(world.stored("usr_1").runs->empty());
}

TEST_CASE("a timer whose commit failed fires again", "[actors][scheduler]") {
  actor_world world;
  REQUIRE(!world.define(kind::sequence, waiting).failure);
  world.send(world.event("start", "usr_1"));
  world.time.run();
  auto failing = true;
  world.store->fails = [&failing](auto) {
    return failing;
  };
  for (int i = 0; i < 30; ++i)
    world.time.advance(std::chrono::milliseconds{500});
  CHECK(world.stored("usr_1").score == 0);
  failing = false;
  for (int i = 0; i < 80; ++i)
    world.time.advance(std::chrono::milliseconds{500});
  CHECK(world.stored("usr_1").score == 1);
}

TEST_CASE("an event emitted for another contact reaches it once",
          "[actors][scheduler]") {
  actor_world world;
  REQUIRE(!world
             .define(kind::sequence,
                     R"({"key":"s","status":"active","entry":"tell",
    "trigger":{"any":[{"event":"invited"}]},
    "nodes":{"tell":{"type":"emit","event":"referral","then":"end",
                     "contact":{"external_id":"usr_2"}},
             "end":{"type":"exit"}}})")
             .failure);
  world.send(world.event("invited", "usr_1"));
  world.time.run();
  world.time.advance(std::chrono::seconds{1});
  const auto events = world.events();
  CHECK(std::count_if(events.begin(), events.end(),
                      [](const auto& turn) {
                        return turn.event->type == "referral";
                      })
        == 1);
  CHECK(world.stored("usr_2").seq == 1);
}

TEST_CASE("a delivery is tried again with the same id until it is taken",
          "[actors][dispatcher]") {
  actor_world world;
  REQUIRE(!world
             .define(kind::webhook,
                     R"({"url":"https://example.com/","events":["a"]})")
             .failure);
  world.send(world.event("a", "usr_1"));
  world.time.run();
  REQUIRE(world.calls.size() == 1);
  const auto id = world.calls[0].call.delivery_id;
  world.calls[0].done(answered(500));
  world.time.run();
  for (int i = 0; i < 7; ++i)
    world.time.advance(std::chrono::seconds{1});
  REQUIRE(world.calls.size() == 2);
  CHECK(world.calls[1].call.delivery_id == id);
  CHECK(world.calls[1].call.body == world.calls[0].call.body);
  world.calls[1].done(answered(200));
  world.time.run();
  for (int i = 0; i < 60; ++i)
    world.time.advance(std::chrono::seconds{1});
  CHECK(world.calls.size() == 2);
}

TEST_CASE("an outcome that could not be recorded is tried again",
          "[actors][dispatcher]") {
  actor_world world;
  REQUIRE(!world
             .define(kind::webhook,
                     R"({"url":"https://example.com/","events":["a"]})")
             .failure);
  world.send(world.event("a", "usr_1"));
  world.time.run();
  REQUIRE(world.calls.size() == 1);
  auto failing = true;
  world.store->fails = [&failing](auto) {
    return failing;
  };
  world.calls[0].done(answered(200));
  world.time.run();
  failing = false;
  for (int i = 0; i < 3; ++i)
    world.time.advance(std::chrono::seconds{1});
  REQUIRE(world.calls.size() == 2);
  CHECK(world.calls[1].call.delivery_id == world.calls[0].call.delivery_id);
}

TEST_CASE("410 disables the endpoint and holds its deliveries",
          "[actors][dispatcher]") {
  actor_world world;
  REQUIRE(!world
             .define(kind::webhook,
                     R"({"url":"https://example.com/","events":["a"]})")
             .failure);
  world.send(world.event("a", "usr_1"));
  world.time.run();
  REQUIRE(world.calls.size() == 1);
  world.calls[0].done(answered(410));
  world.time.run();
  world.send(world.event("a", "usr_1"));
  world.time.run();
  world.time.advance(std::chrono::seconds{10});
  CHECK(world.calls.size() == 1);
}
