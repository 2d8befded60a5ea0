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
