// Hand-written readers and writers: every event passes here, and neither
// std::format nor a locale may be involved.
#include "engine/time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace troupe::engine {

namespace {

using namespace std::chrono;

constexpr sys_days first_day = sys_days{year{1970} / January / 1};
constexpr sys_days end_day = sys_days{year{2201} / January / 1};
constexpr duration duration_max = years{10};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Consumes a text from the left; every member says whether it succeeded.
class cursor {
public:
  explicit cursor(std::string_view text) : rest_(text) {}

  bool at_end() const {
    return rest_.empty();
  }

  char peek() const {
    return rest_.empty() ? '\0' : rest_.front();
  }

  bool skip(char wanted) {
    if (peek() != wanted)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool skip_any(char one, char other) {
    return skip(one) || skip(other);
  }

  /// Exactly `count` digits.
  bool digits(std::size_t count, int& value) {
    if (rest_.size() < count
        || !std::all_of(rest_.begin(), rest_.begin() + std::ptrdiff_t(count),
                        is_digit))
      return false;
    value = 0;
    for (const char c : rest_.substr(0, count))
      value = value * 10 + (c - '0');
    rest_.remove_prefix(count);
    return true;
  }

  /// One or more digits; values beyond any accepted duration become `limit`.
  bool number(std::int64_t& value) {
    constexpr std::int64_t limit = 1'000'000'000;
    if (!is_digit(peek()))
      return false;
    value = 0;
    for (; is_digit(peek()); rest_.remove_prefix(1))
      value = std::min(value * 10 + (peek() - '0'), limit);
    return true;
  }

  /// One to nine digits after the point; what is finer than a microsecond is
  /// cut off, because many clients send nanoseconds.
  bool fraction(int& microseconds_out) {
    int scale = 100'000;
    std::size_t count = 0;
    microseconds_out = 0;
    for (; is_digit(peek()); rest_.remove_prefix(1), scale /= 10, ++count)
      microseconds_out += (peek() - '0') * scale;
    return count >= 1 && count <= 9;
  }

private:
  std::string_view rest_;
};

bool read_date(cursor& in, sys_days& date) {
  int y = 0;
  int m = 0;
  int d = 0;
  if (!in.digits(4, y) || !in.skip('-') || !in.digits(2, m) || !in.skip('-')
      || !in.digits(2, d))
    return false;
  const auto parts
    = year{y} / month{static_cast<unsigned>(m)} / day{static_cast<unsigned>(d)};
  date = parts.ok() ? sys_days{parts} : sys_days{};
  return parts.ok();
}

bool read_time_of_day(cursor& in, duration& time, bool& leap_second) {
  int h = 0;
  int m = 0;
  int s = 0;
  int us = 0;
  if (!in.digits(2, h) || !in.skip(':') || !in.digits(2, m) || !in.skip(':')
      || !in.digits(2, s))
    return false;
  if (in.skip('.') && !in.fraction(us))
    return false;
  leap_second = s == 60;
  time = hours{h} + minutes{m} + seconds{s} + microseconds{us};
  return h <= 23 && m <= 59 && s <= 60;
}

bool read_offset(cursor& in, minutes& offset) {
  if (in.skip_any('Z', 'z'))
    return true;
  const bool west = in.peek() == '-';
  int h = 0;
  int m = 0;
  if (!in.skip_any('+', '-') || !in.digits(2, h) || !in.skip(':')
      || !in.digits(2, m) || h > 23 || m > 59)
    return false;
  offset = hours{h} + minutes{m};
  if (west)
    offset = -offset;
  return true;
}

/// A leap second is only ever inserted at the end of a month in UTC; it is
/// counted as the first second of the next.
bool is_month_start(timestamp at) {
  const auto date = floor<days>(at);
  return year_month_day{date}.day() == day{1} && at - date < seconds{1};
}

/// @returns the length of `unit`, or zero when it is not one.
duration unit_length(char unit, bool after_t) {
  if (after_t)
    return unit == 'H'   ? duration{hours{1}}
           : unit == 'M' ? duration{minutes{1}}
           : unit == 'S' ? duration{seconds{1}}
                         : duration{};
  return unit == 'W'   ? duration{weeks{1}}
         : unit == 'D' ? duration{days{1}}
                       : duration{};
}

std::optional<duration> parse_iso_duration(cursor in) {
  duration total{};
  duration previous = duration::max(); // units must get shorter
  bool after_t = false;
  do {
    if (!after_t && in.skip('T'))
      after_t = true;
    std::int64_t count = 0;
    if (!in.number(count))
      return std::nullopt;
    const auto unit = in.peek();
    const auto length = unit_length(unit, after_t);
    if (length == duration{} || length >= previous || !in.skip(unit))
      return std::nullopt;
    if (count > duration_max / length)
      return std::nullopt;
    total += count * length;
    previous = length;
  } while (!in.at_end());
  return total <= duration_max ? std::optional{total} : std::nullopt;
}

void put(char* at, unsigned value, int width) {
  for (int i = width; i-- > 0; value /= 10)
    at[i] = static_cast<char>('0' + value % 10);
}

} // namespace

std::string to_iso8601(timestamp at) {
  // Four digits are all the format has; nothing outside is ever accepted.
  at = std::clamp(at, timestamp{sys_days{year{0} / January / 1}},
                  timestamp{sys_days{year{9999} / December / 31}});
  const auto date = floor<days>(at);
  const year_month_day parts{date};
  const auto ms = static_cast<unsigned>(floor<milliseconds>(at - date).count());
  std::string text{"0000-00-00T00:00:00.000Z"};
  put(text.data(), static_cast<unsigned>(static_cast<int>(parts.year())), 4);
  put(text.data() + 5, static_cast<unsigned>(parts.month()), 2);
  put(text.data() + 8, static_cast<unsigned>(parts.day()), 2);
  put(text.data() + 11, ms / 3'600'000, 2);
  put(text.data() + 14, ms / 60'000 % 60, 2);
  put(text.data() + 17, ms / 1000 % 60, 2);
  put(text.data() + 20, ms % 1000, 3);
  return text;
}

std::optional<timestamp> parse_iso8601(std::string_view text) {
  cursor in{text};
  sys_days date;
  duration time{};
  minutes offset{};
  bool leap_second = false;
  if (!read_date(in, date) || !in.skip_any('T', 't')
      || !read_time_of_day(in, time, leap_second) || !read_offset(in, offset)
      || !in.at_end())
    return std::nullopt;
  const timestamp at = date + time - offset;
  if (at < first_day || at >= end_day || (leap_second && !is_month_start(at)))
    return std::nullopt;
  return at;
}

std::optional<duration> parse_duration(std::string_view text) {
  cursor in{text};
  if (in.skip('P'))
    return parse_iso_duration(in);
  std::int64_t count = 0;
  if (!in.number(count))
    return std::nullopt;
  const auto length = in.skip('s')   ? duration{seconds{1}}
                      : in.skip('m') ? duration{minutes{1}}
                      : in.skip('h') ? duration{hours{1}}
                      : in.skip('d') ? duration{days{1}}
                      : in.skip('w') ? duration{weeks{1}}
                                     : duration{};
  if (length == duration{} || !in.at_end() || count > duration_max / length)
    return std::nullopt;
  return count * length;
}

} // namespace troupe::engine
