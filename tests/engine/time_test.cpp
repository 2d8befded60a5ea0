#include "engine/time.hpp"

#include <catch2/catch.hpp>

TEST_CASE("durations are counted in microseconds", "[engine][time]") {
  CHECK(troupe::engine::duration{std::chrono::seconds{1}}.count() == 1'000'000);
}
