#include "engine/retry_schedule.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

constexpr duration retry_after_max = std::chrono::hours{24};

// 0.8 .. 1.2 of the step, in whole permille so that every machine agrees.
duration jittered(duration step, std::uint64_t random) noexcept {
  const auto permille
    = 800 + static_cast<std::int64_t>(((random >> 32) * 401) >> 32);
  return duration{step.count() / 1000 * permille};
}

} // namespace

attempt_outcome outcome_of_status(long status) noexcept {
  if (status >= 200 && status < 300)
    return attempt_outcome::delivered;
  if (status == 410)
    return attempt_outcome::gone;
  if (status == 429 || status == 502 || status == 504)
    return attempt_outcome::throttled;
  return attempt_outcome::failed;
}

std::optional<duration>
next_attempt(unsigned attempts_made, attempt_outcome outcome,
             std::optional<std::chrono::seconds> retry_after,
             std::uint64_t random) noexcept {
  if (outcome == attempt_outcome::delivered || outcome == attempt_outcome::gone)
    return std::nullopt;
  if (attempts_made >= retry_schedule.size())
    return std::nullopt;
  const duration step = retry_schedule[attempts_made];
  const duration wait = jittered(step, random);
  if (!retry_after)
    return wait;
  const duration bound = std::min(2 * step, retry_after_max);
  // Clamped while in seconds: a hostile number would overflow microseconds.
  const duration asked
    = std::clamp(*retry_after, std::chrono::seconds{0},
                 std::chrono::duration_cast<std::chrono::seconds>(bound));
  return std::max(wait, asked);
}

retry_verdict judge_attempt(unsigned attempts_made, long status,
                            std::optional<std::chrono::seconds> retry_after,
                            std::uint64_t random) noexcept {
  const auto outcome = outcome_of_status(status);
  retry_verdict verdict;
  verdict.throttle = outcome == attempt_outcome::throttled;
  verdict.disable_endpoint = outcome == attempt_outcome::gone;
  if (outcome == attempt_outcome::delivered) {
    verdict.delivery = retry_verdict::fate::delivered;
    return verdict;
  }
  if (auto delay = next_attempt(attempts_made, outcome, retry_after, random)) {
    verdict.delivery = retry_verdict::fate::retry;
    verdict.delay = *delay;
  }
  return verdict;
}

} // namespace troupe::engine
