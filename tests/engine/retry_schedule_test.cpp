#include "engine/retry_schedule.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace troupe::engine;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t least = 0;
constexpr std::uint64_t middle = std::uint64_t{1} << 63;
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

std::optional<duration> after(unsigned attempts, std::uint64_t random) {
  return next_attempt(attempts, attempt_outcome::failed, std::nullopt, random);
}

} // namespace

TEST_CASE("failed attempts wait 0, 5 s, 30 s, 2 m, 15 m, 1 h, 6 h, 24 h",
          "[engine][retry_schedule]") {
  const std::array<duration, 8> expected{0s, 5s, 30s, 2min, 15min, 1h, 6h, 24h};
  for (unsigned made = 0; made < expected.size(); ++made)
    CHECK(after(made, middle) == expected[made]);
}

TEST_CASE("the schedule is over after eight attempts",
          "[engine][retry_schedule]") {
  CHECK(after(7, middle));
  CHECK_FALSE(after(8, middle));
  CHECK_FALSE(after(std::numeric_limits<unsigned>::max(), middle));
}

TEST_CASE("jitter stays within a fifth of the step and reaches both ends",
          "[engine][retry_schedule]") {
  for (unsigned made = 0; made < retry_schedule.size(); ++made) {
    const auto step = retry_schedule[made];
    CHECK(after(made, least) == step * 4 / 5);
    CHECK(after(made, most) == step * 6 / 5);
    for (std::uint64_t i = 0; i < 100; ++i) {
      const auto wait = *after(made, i * 0x9e3779b97f4a7c15);
      CHECK(wait >= step * 4 / 5);
      CHECK(wait <= step * 6 / 5);
    }
  }
}

TEST_CASE("the same bits give the same wait, so a decision replays",
          "[engine][retry_schedule]") {
  CHECK(after(4, 0x0123456789abcdef) == after(4, 0x0123456789abcdef));
  CHECK(after(4, least) != after(4, most));
}

TEST_CASE("W9 Retry-After lengthens a wait to twice the step and 24 h at most",
          "[engine][retry_schedule]") {
  const auto asked = [](unsigned made, std::chrono::seconds retry_after) {
    return *next_attempt(made, attempt_outcome::throttled, retry_after, middle);
  };
  CHECK(asked(1, 7s) == 7s);
  CHECK(asked(1, 10s) == 10s);
  CHECK(asked(1, 11s) == 10s);
  CHECK(asked(6, 7h) == 7h);
  CHECK(asked(6, 999'999'999s) == 12h);
  CHECK(asked(7, 999'999'999s) == 24h);
  CHECK(asked(7, std::chrono::seconds::max()) == 24h);
}

TEST_CASE("Retry-After never shortens a wait", "[engine][retry_schedule]") {
  const auto asked = [](std::chrono::seconds retry_after, std::uint64_t bits) {
    return *next_attempt(3, attempt_outcome::failed, retry_after, bits);
  };
  CHECK(asked(0s, middle) == 2min);
  CHECK(asked(-5s, middle) == 2min);
  CHECK(asked(std::chrono::seconds::min(), middle) == 2min);
  CHECK(asked(110s, most) == 144s);
}

TEST_CASE("a status says what became of an attempt",
          "[engine][retry_schedule]") {
  using enum attempt_outcome;
  struct row {
    long status;
    attempt_outcome outcome;
  };
  const auto [status, outcome] = GENERATE(
    row{0, failed}, row{100, failed}, row{199, failed}, row{200, delivered},
    row{204, delivered}, row{299, delivered}, row{300, failed},
    row{301, failed}, row{307, failed}, row{400, failed}, row{404, failed},
    row{409, failed}, row{410, gone}, row{429, throttled}, row{500, failed},
    row{502, throttled}, row{503, failed}, row{504, throttled},
    row{999, failed});
  CAPTURE(status);
  CHECK(outcome_of_status(status) == outcome);
}

TEST_CASE("a delivered attempt and a gone endpoint have no next attempt",
          "[engine][retry_schedule]") {
  CHECK_FALSE(next_attempt(1, attempt_outcome::delivered, 5s, middle));
  CHECK_FALSE(next_attempt(1, attempt_outcome::gone, 5s, middle));
}

TEST_CASE("a verdict says retry, throttle, disable or dead",
          "[engine][retry_schedule]") {
  using fate = retry_verdict::fate;
  const auto judged = [](unsigned made, long status) {
    return judge_attempt(made, status, std::nullopt, middle);
  };
  CHECK(judged(1, 204) == retry_verdict{fate::delivered, 0s, false, false});
  CHECK(judged(8, 200) == retry_verdict{fate::delivered, 0s, false, false});
  CHECK(judged(1, 500) == retry_verdict{fate::retry, 5s, false, false});
  CHECK(judged(2, 429) == retry_verdict{fate::retry, 30s, true, false});
  CHECK(judged(8, 504) == retry_verdict{fate::dead, 0s, true, false});
  CHECK(judged(1, 410) == retry_verdict{fate::dead, 0s, false, true});
  CHECK(judge_attempt(1, 503, 8s, middle)
        == retry_verdict{fate::retry, 8s, false, false});
}
