// How often a workspace may ask: the rules, their presets, and one meter that
// counts by a rule. The clock is the caller's.
#pragma once

#include "engine/error.hpp"
#include "engine/event.hpp"
#include "engine/time.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::engine {

/// With a burst: a bucket of that many, filled at `requests` per `per`.
/// Without: at most `requests` in a window of `per` that begins with its first
/// request.
struct rate_rule {
  std::uint32_t requests = 0;
  duration per{};
  std::uint32_t burst = 0;

  /// The most that can be taken at once.
  [[nodiscard]] std::uint32_t capacity() const {
    return burst != 0 ? burst : requests;
  }
};

struct rate_limits {
  std::optional<rate_rule> key;        // of each key
  std::optional<rate_rule> workspace;  // of all its keys together
  std::uint32_t concurrent_writes = 0; // events under way; 0: no limit
  std::optional<door> counted_at = std::nullopt; // only there; absent: anywhere
};

/// A preset's name, "none", or own numbers such as {"key": {"per_second": 30,
/// "burst": 60}, "workspace": {"per_minute": 600}, "concurrent_writes": 10}.
/// @returns nothing for "none"
result<std::optional<rate_limits>>
parse_rate_limits(const boost::json::value& from, std::string_view pointer);

/// Counts by one rule. The rule may change between calls.
class rate_meter {
public:
  struct state {
    std::uint32_t remaining = 0;
    timestamp reset{};      // when all of the rule is free again
    duration retry_after{}; // zero when one more is free now
  };

  [[nodiscard]] state look(const rate_rule& rule, timestamp now) const;

  /// @pre look() says that one more is free
  void take(const rate_rule& rule, timestamp now);

  /// Nothing is counted any more: as good as a new one.
  [[nodiscard]] bool is_idle(timestamp now) const;

private:
  [[nodiscard]] std::int64_t missing_of(const rate_rule& rule,
                                        std::int64_t at) const;
  [[nodiscard]] bool is_window_open(const rate_rule& rule,
                                    std::int64_t at) const;

  // In nanoseconds since 1970, for rates that divide no microsecond.
  std::int64_t full_at_ = 0; // of the bucket
  std::int64_t window_ends_ = 0;
  std::uint32_t taken_ = 0; // in the window
};

} // namespace troupe::engine
