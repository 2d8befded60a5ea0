// A change of definitions is in force when it is answered.
#include "tests/support/actor_world.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using tests::actor_world;
using kind = messages::definition_change::kind;

namespace {

constexpr auto counts_starts = R"({"key":"s","status":"active","entry":"a",
  "trigger":{"any":[{"event":"start"}]},
  "nodes":{"a":{"type":"update","score_add":1,"then":"end"},
           "end":{"type":"exit"}}})";

constexpr auto sends_elsewhere = R"({"key":"s","status":"active","entry":"a",
  "trigger":{"any":[{"event":"start"}]},
  "nodes":{"a":{"type":"send","channel":"other","text":"hello","then":"end"},
           "end":{"type":"exit"}}})";

// As another process would.
void add_channel(actor_world& world) {
  REQUIRE(world.store->put(tests::channel(
    world.workspace.id, persistence::destination_kind::capture, "other")));
  world.store->is_redefined = true;
}

} // namespace

TEST_CASE("a change that is stored comes into force although it cannot be read "
          "at first",
          "[actors][definitions]") {
  actor_world world;
  *world.definitions_unread = 3;
  const auto answer = world.define(kind::sequence, counts_starts);
  CHECK_FALSE(answer.failure);
  CHECK(*world.definitions_unread == 0);
  world.send(world.event("start", "usr_1"));
  world.time.run();
  CHECK(world.stored("usr_1").score == 1);
}

TEST_CASE("what somebody else defined is known within a second, also when it "
          "cannot be read at first",
          "[actors][definitions]") {
  actor_world world;
  *world.definitions_unread = GENERATE(0, 2);
  CHECK(world.define(kind::sequence, sends_elsewhere).failure);
  add_channel(world);
  world.time.advance(std::chrono::seconds{1});
  world.time.advance(std::chrono::seconds{1});
  CHECK(*world.definitions_unread == 0);
  CHECK_FALSE(world.define(kind::sequence, sends_elsewhere).failure);
}
