// U1: who goes next when many wait for the same places.
#include "outbound/fair_queue.hpp"

#include <catch2/catch.hpp>

using troupe::outbound::fair_queue;

namespace {

std::string next(fair_queue<int>& from) {
  const auto taken = from.take();
  return taken ? taken->whose + std::to_string(taken->item) : "";
}

} // namespace

TEST_CASE("U1 those with the least under way go first, in turns",
          "[outbound][fair]") {
  fair_queue<int> queue{100};
  for (int i = 1; i <= 3; ++i)
    queue.push("loud", i);
  CHECK(next(queue) == "loud1");
  CHECK(next(queue) == "loud2");
  queue.push("quiet", 1);
  queue.push("quiet", 2);
  CHECK(next(queue) == "quiet1");
  CHECK(next(queue) == "quiet2");
  queue.push("quiet", 3);
  CHECK(next(queue) == "loud3"); // as many under way, and waits longer
  CHECK(next(queue) == "quiet3");
  CHECK(next(queue).empty());
}

TEST_CASE("U1 of those with as many under way, who waits longest goes first",
          "[outbound][fair]") {
  fair_queue<int> queue{100};
  queue.push("b", 1);
  queue.push("b", 2);
  CHECK(next(queue) == "b1");
  queue.push("a", 1);
  queue.push("a", 2);
  CHECK(next(queue) == "a1");
  CHECK(next(queue) == "b2");
  CHECK(next(queue) == "a2");
}

TEST_CASE("U1 nobody has more under way than allowed", "[outbound][fair]") {
  fair_queue<int> queue{2};
  for (int i = 1; i <= 4; ++i)
    queue.push("loud", i);
  CHECK(next(queue) == "loud1");
  CHECK(next(queue) == "loud2");
  CHECK(next(queue).empty());
  queue.push("quiet", 1);
  CHECK(next(queue) == "quiet1");
  CHECK(next(queue).empty());
  queue.done("loud");
  CHECK(next(queue) == "loud3");
  CHECK(next(queue).empty());
  queue.done("loud");
  queue.done("loud");
  queue.done("quiet");
  CHECK(next(queue) == "loud4");
  queue.done("loud");
  CHECK(next(queue).empty());
}

TEST_CASE("U1 what waits is told when all ends", "[outbound][fair]") {
  fair_queue<int> queue{1};
  for (int i = 1; i <= 3; ++i)
    queue.push("loud", i);
  queue.push("quiet", 4);
  CHECK(next(queue) == "loud1");
  CHECK(queue.take_all().size() == 3);
  CHECK(next(queue).empty());
  queue.done("loud");
}
