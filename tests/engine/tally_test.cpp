#include "engine/tally.hpp"
#include "tests/support/random_values.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

constexpr timestamp noon{std::chrono::hours{24 * 365 * 50 + 12}};

std::chrono::seconds seconds_of(std::uint64_t count) {
  return std::chrono::seconds{static_cast<std::int64_t>(count)};
}

/// What add() keeps of the events, said in the plainest way.
void keep_plainly(std::vector<tallied_event>& kept, const tallied_event& what,
                  duration reach, timestamp now) {
  std::erase_if(kept, [&](const tallied_event& each) {
    return each.at <= now - reach;
  });
  if (what.at <= now - reach)
    return;
  kept.insert(std::upper_bound(kept.begin(), kept.end(), what), what);
  if (kept.size() <= recent_events_max)
    return;
  std::size_t closest = 0;
  for (std::size_t i = 1; i + 1 < kept.size(); ++i)
    if (kept[i + 1].at - kept[i].at < kept[closest + 1].at - kept[closest].at)
      closest = i;
  auto& later = kept[closest + 1];
  later.count += kept[closest].count;
  later.sum += kept[closest].sum;
  kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(closest));
}

} // namespace

TEST_CASE("a tally keeps what it would if it went through all its events",
          "[segments]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  for (int round = 0; round < 20; ++round) {
    tally held;
    held.reach = duration{seconds_of(1 + from.below(3000))};
    std::vector<tallied_event> plain;
    auto now = noon;
    for (int i = 0; i < 600; ++i) {
      // Steps repeat, so that some pairs are as close as others.
      now += seconds_of(from.below(from.chance(5) ? 200 : 4));
      const auto late = from.chance(20) ? from.below(900) : 0;
      const tallied_event what{now - seconds_of(late), 1,
                               static_cast<double>(from.below(5))};
      add(held, what, now);
      keep_plainly(plain, what, held.reach, now);
      REQUIRE(held.recent == plain);
      CHECK(count_of(held, held.reach, now) == held.recent_count);
    }
  }
}
