#include "actors/settled_clock.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using troupe::actors::settled_clock;

namespace {

constexpr troupe::engine::timestamp noon{1'800'000'000s};

} // namespace

TEST_CASE(
  "F18 nothing is deleted for its age for a day after the clock was set",
  "[actors][clock]") {
  const auto step = GENERATE(2h, -2h, 24h * 365 * 10);
  settled_clock clock;
  CHECK(clock.is_settled(noon, 0s));
  CHECK(clock.is_settled(noon + 48h + 59min, 48h)); // adjusted, not set
  auto running = 49h;
  CHECK_FALSE(clock.is_settled(noon + 49h + step + 59min, running));
  for (; running < 72h; running += 1h)
    CHECK_FALSE(clock.is_settled(noon + running + step + 59min, running));
  CHECK(clock.is_settled(noon + 73h + step + 59min, 73h));
  CHECK_FALSE(clock.is_settled(noon + 74h, 74h)); // and back
}
