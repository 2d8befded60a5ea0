#include "engine/funnel.hpp"
#include "tests/support/events.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace std::chrono_literals;
using namespace troupe::engine;
using namespace troupe::test;

namespace {

using counts = std::vector<std::uint64_t>;

funnel_event of(std::uint64_t contact, std::string type, duration after) {
  return {contact_id{contact}, noon + after, std::move(type)};
}

} // namespace

TEST_CASE("B79 a funnel counts contacts that came to a step after all before "
          "it",
          "[funnel]") {
  const funnel what{{"a", "b", "c"}, {}};
  CHECK(reached(what, {}) == counts{0, 0, 0});
  CHECK(reached(what, {of(1, "c", 3s), of(1, "a", 1s), of(1, "b", 2s),
                       of(2, "b", 1s), of(2, "a", 2s), of(3, "a", 1s),
                       of(3, "a", 2s), of(3, "b", 3s), of(4, "c", 1s)})
        == counts{3, 2, 1});
}

TEST_CASE("B79 a funnel's time runs from a first step to the last",
          "[funnel]") {
  const funnel what{{"a", "b", "c"}, 10s};
  CHECK(reached(what, {of(1, "a", 0s), of(1, "b", 5s), of(1, "c", 11s)})
        == counts{1, 1, 0});
  // The later of two beginnings is in time.
  CHECK(reached(what, {of(1, "a", 0s), of(1, "a", 4s), of(1, "b", 5s),
                       of(1, "c", 11s)})
        == counts{1, 1, 1});
  // The older way to `b` does not hide that there is a newer one to come.
  CHECK(reached(what, {of(1, "a", 0s), of(1, "b", 1s), of(1, "a", 9s),
                       of(1, "c", 10s)})
        == counts{1, 1, 1});
}

TEST_CASE("B79 an event is one step of a funnel that has it twice",
          "[funnel]") {
  const funnel what{{"a", "a"}, {}};
  CHECK(reached(what, {of(1, "a", 0s)}) == counts{1, 0});
  CHECK(reached(what, {of(1, "a", 0s), of(1, "a", 0s)}) == counts{1, 1});
}
