// Local time of people: when "09:00 on a Monday in their zone" is. A pure
// function of its arguments and of the zone data, which is read once and does
// not change afterwards. Turns keep the instants that came out: a replay asks
// nothing here, whatever zone data a machine has.
#pragma once

#include "engine/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}

namespace troupe::engine {

/// A zone of the IANA database; UTC by default.
class local_zone {
public:
  local_zone() = default;

  /// @returns nothing for a name that the database does not have
  static std::optional<local_zone> find(std::string_view name);

  /// "Europe/London"
  [[nodiscard]] std::string name() const;

  /// The instant of a local time: of one that is missing the first instant
  /// after the gap, of one that comes twice the first.
  [[nodiscard]] timestamp instant(std::chrono::local_seconds at) const;

  /// What clocks there show.
  [[nodiscard]] std::chrono::local_seconds local(timestamp at) const;

private:
  const date::time_zone* data_ = nullptr; // UTC, which needs no database
};

/// The name in the database that is nearest; empty when none is near.
std::string nearest_zone(std::string_view name);

using local_date = std::chrono::year_month_day;

/// "2026-12-24", years 1970 to 2099.
std::optional<local_date> parse_date(std::string_view text);

/// "09:00" or "09:00:30".
std::optional<std::chrono::seconds> parse_time_of_day(std::string_view text);

/// Points of local time.
struct local_rule {
  std::chrono::seconds time{};    // since the day began
  std::uint8_t weekdays = 0;      // bit n: n days after Sunday; 0: every day
  std::optional<local_date> date; // that day; with weekdays not before it
};

/// The first instant of the rule after `now`; of a date that has passed its
/// one instant, which is then not after `now`.
timestamp next_instant(const local_rule& rule, const local_zone& zone,
                       timestamp now);

/// From a local time to another, over midnight when it is not later.
struct local_hours {
  std::chrono::seconds from{};
  std::chrono::seconds to{};
};

/// @returns when the hours that `now` is in end, or nothing outside of them
std::optional<timestamp> end_of_hours(const local_hours& hours,
                                      const local_zone& zone, timestamp now);

} // namespace troupe::engine
