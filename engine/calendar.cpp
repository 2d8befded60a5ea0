#include "engine/calendar.hpp"

#include "engine/nearest.hpp"

#include <date/tz.h>

#include <algorithm>
#include <exception>
#include <vector>

namespace troupe::engine {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::weekday;

// Null when this machine has no zone data: every name is unknown then.
const date::tzdb* database() {
  try {
    return &date::get_tzdb();
  } catch (const std::exception&) {
    return nullptr;
  }
}

// The library knows the transitions that are listed, which end with 2037, and
// no rule for later ones. Until 2100 the calendar of 28 years before is the
// same, and so are the rules.
template <class Clock>
days years_back(std::chrono::time_point<Clock, seconds> at) {
  constexpr days cycle{28 * 365 + 7};
  constexpr days listed{24'837}; // until 2038-01-01
  const auto beyond = floor<days>(at.time_since_epoch()) - listed;
  return beyond < days{} ? days{} : (beyond / cycle + 1) * cycle;
}

// Digits only, as many as the text has.
std::optional<int> number_of(std::string_view digits) {
  int out = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9')
      return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

bool is_of(const local_rule& rule, local_days day) {
  return rule.weekdays == 0
         || (rule.weekdays >> weekday{day}.c_encoding() & 1) != 0;
}

} // namespace

std::optional<local_zone> local_zone::find(std::string_view name) {
  local_zone out;
  if (name == "UTC")
    return out;
  if (name == "localtime") // another one on each machine
    return std::nullopt;
  try {
    out.data_ = date::locate_zone(name);
    out.data_->get_info(date::sys_seconds{}); // its file is read here
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return out;
}

std::string local_zone::name() const {
  return data_ == nullptr ? "UTC" : data_->name();
}

timestamp local_zone::instant(local_seconds at) const {
  const auto since = at.time_since_epoch();
  if (data_ == nullptr)
    return timestamp{since};
  const auto back = years_back(at);
  const auto info = data_->get_info(date::local_seconds{since - back});
  if (info.result == date::local_info::nonexistent)
    return info.first.end + back;
  return timestamp{since - info.first.offset};
}

local_seconds local_zone::local(timestamp at) const {
  const auto whole = floor<seconds>(at);
  const auto offset = data_ == nullptr
                        ? seconds{}
                        : data_->get_info(whole - years_back(whole)).offset;
  return local_seconds{whole.time_since_epoch() + offset};
}

std::string nearest_zone(std::string_view name) {
  const auto* known = database();
  if (known == nullptr)
    return {};
  std::vector<std::string_view> names;
  for (const auto& zone : known->zones)
    names.push_back(zone.name());
  return std::string{nearest(name, names)};
}

std::optional<local_date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  const auto year = number_of(text.substr(0, 4));
  const auto month = number_of(text.substr(5, 2));
  const auto day = number_of(text.substr(8));
  if (!year || !month || !day || *year < 1970 || *year > 2099)
    return std::nullopt;
  const local_date out{std::chrono::year{*year},
                       std::chrono::month{static_cast<unsigned>(*month)},
                       std::chrono::day{static_cast<unsigned>(*day)}};
  return out.ok() ? std::optional{out} : std::nullopt;
}

std::optional<seconds> parse_time_of_day(std::string_view text) {
  const auto has_seconds = text.size() == 8 && text[5] == ':';
  if ((text.size() != 5 && !has_seconds) || text[2] != ':')
    return std::nullopt;
  const auto hour = number_of(text.substr(0, 2));
  const auto minute = number_of(text.substr(3, 2));
  const auto second = has_seconds ? number_of(text.substr(6)) : 0;
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  return seconds{*hour * 3600 + *minute * 60 + *second};
}

timestamp next_instant(const local_rule& rule, const local_zone& zone,
                       timestamp now) {
  auto day = floor<days>(zone.local(now));
  if (rule.date) {
    const local_days wanted{*rule.date};
    if (rule.weekdays == 0)
      return zone.instant(wanted + rule.time);
    day = std::max(day, wanted);
  }
  for (;; day += days{1}) // every weekday comes
    if (const auto at = zone.instant(day + rule.time);
        is_of(rule, day) && at > now)
      return at;
}

std::optional<timestamp> end_of_hours(const local_hours& hours,
                                      const local_zone& zone, timestamp now) {
  const auto today = floor<days>(zone.local(now));
  const auto over_midnight = hours.to <= hours.from ? days{1} : days{0};
  for (auto day = today - days{1}; day <= today + days{1}; day += days{1}) {
    const auto end = zone.instant(day + over_midnight + hours.to);
    if (zone.instant(day + hours.from) <= now && now < end)
      return end;
  }
  return std::nullopt;
}

} // namespace troupe::engine
