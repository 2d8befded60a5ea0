// Points and spans of time: microseconds since 1970-01-01T00:00:00Z.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

using duration = std::chrono::microseconds;
using timestamp = std::chrono::sys_time<duration>;

/// "2026-04-20T11:34:00.123Z": UTC with milliseconds (behaviour G13).
std::string to_iso8601(timestamp at);

/// RFC 3339 with `Z` or an offset, years 1970..2200 in UTC; nothing on any
/// other text. Of up to nine digits after the point six are kept.
std::optional<timestamp> parse_iso8601(std::string_view text);

/// "90s", "15m", "2h", "3d", "1w", or ISO 8601 weeks, days, hours, minutes and
/// seconds ("P3D", "PT90S"), at most 10 years; nothing on any other text.
std::optional<duration> parse_duration(std::string_view text);

} // namespace troupe::engine
