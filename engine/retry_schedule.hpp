// When a failed delivery is tried again: the schedule, its jitter, and what an
// answer means for the delivery and for its endpoint (reliability.md 1.4, W12).
#pragma once

#include "engine/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace troupe::engine {

/// The wait before each attempt; the first goes out at once.
inline constexpr std::array<duration, 8> retry_schedule{
  std::chrono::seconds{0}, std::chrono::seconds{5},  std::chrono::seconds{30},
  std::chrono::minutes{2}, std::chrono::minutes{15}, std::chrono::hours{1},
  std::chrono::hours{6},   std::chrono::hours{24},
};

/// What one attempt came to. Numbers may be stored: append only.
enum class attempt_outcome : std::uint8_t {
  delivered = 0, // 2xx
  failed,        // no answer, 3xx (never followed) or any other status
  throttled,     // 429, 502, 504: the endpoint asks for less
  gone,          // 410: the endpoint wants no more deliveries
};

/// @param status the HTTP status, 0 when no answer came
attempt_outcome outcome_of_status(long status) noexcept;

/// The wait before the next attempt; nothing when there is none, because the
/// delivery arrived, the endpoint is gone or the schedule is over.
/// @param attempts_made attempts so far, the one just judged included; 0 gives
/// the wait before the first
/// @param retry_after what the answer asked for: it can lengthen the wait to
/// twice the scheduled step and to 24 h at most, never shorten it
/// @param random uniform bits chosen by the caller; the same bits give the
/// same jitter, so a recorded decision replays
std::optional<duration>
next_attempt(unsigned attempts_made, attempt_outcome outcome,
             std::optional<std::chrono::seconds> retry_after,
             std::uint64_t random) noexcept;

/// What becomes of a delivery after an attempt.
struct retry_verdict {
  enum class fate : std::uint8_t {
    delivered,
    retry, // after `delay`
    dead,  // the schedule is over or the endpoint is gone; replay by hand
  };

  fate delivery = fate::dead;
  duration delay{0};             // set when `delivery` is retry
  bool throttle = false;         // send less to this endpoint meanwhile
  bool disable_endpoint = false; // at once, other deliveries are held

  friend bool operator==(const retry_verdict&, const retry_verdict&) = default;
};

/// Judges an attempt by the status it got; the arguments are those of
/// `outcome_of_status` and `next_attempt`.
retry_verdict judge_attempt(unsigned attempts_made, long status,
                            std::optional<std::chrono::seconds> retry_after,
                            std::uint64_t random) noexcept;

} // namespace troupe::engine
