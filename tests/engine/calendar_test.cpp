// When local times are: ordinary days, days that skip an hour and days that
// have one twice.
#include "engine/calendar.hpp"
#include "tests/support/random_values.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

local_zone zone(std::string_view name) {
  return local_zone::find(name).value();
}

timestamp at(std::string_view text) {
  return parse_iso8601(text).value();
}

local_rule daily(std::string_view time) {
  local_rule out;
  out.time = parse_time_of_day(time).value();
  return out;
}

std::string next(const local_rule& rule, std::string_view zone_name,
                 std::string_view now) {
  return to_iso8601(next_instant(rule, zone(zone_name), at(now)));
}

constexpr std::uint8_t monday = 1 << 1;
constexpr std::uint8_t sunday = 1 << 0;

} // namespace

TEST_CASE("a time of day comes next today or tomorrow, in the zone's clock",
          "[calendar]") {
  const auto nine = daily("09:00");
  CHECK(next(nine, "UTC", "2026-06-10T08:59:59.999Z")
        == "2026-06-10T09:00:00.000Z");
  CHECK(next(nine, "UTC", "2026-06-10T09:00:00Z")
        == "2026-06-11T09:00:00.000Z");
  CHECK(next(nine, "Europe/London", "2026-06-10T07:00:00Z")
        == "2026-06-10T08:00:00.000Z");
  CHECK(next(nine, "Europe/London", "2026-12-10T07:00:00Z")
        == "2026-12-10T09:00:00.000Z");
  // It is the 11th there already.
  CHECK(next(nine, "Pacific/Auckland", "2026-06-10T13:00:00Z")
        == "2026-06-10T21:00:00.000Z");
  CHECK(next(daily("23:30:15"), "Asia/Kathmandu", "2026-06-10T12:00:00Z")
        == "2026-06-10T17:45:15.000Z");
}

TEST_CASE("a weekday begins at midnight or at the time given", "[calendar]") {
  local_rule rule;
  rule.weekdays = monday;
  CHECK(next(rule, "UTC", "2026-11-22T12:00:00Z") // a Sunday
        == "2026-11-23T00:00:00.000Z");
  CHECK(next(rule, "UTC", "2026-11-23T12:00:00Z")
        == "2026-11-30T00:00:00.000Z");
  rule.time = 9h;
  CHECK(next(rule, "America/New_York", "2026-11-23T12:00:00Z")
        == "2026-11-23T14:00:00.000Z");
  rule.weekdays |= sunday;
  CHECK(next(rule, "America/New_York", "2026-11-21T12:00:00Z")
        == "2026-11-22T14:00:00.000Z");
}

TEST_CASE("a date is one instant, and with weekdays the first day it can be",
          "[calendar]") {
  auto rule = daily("18:00");
  rule.date = parse_date("2026-12-24");
  for (const auto* now : {"2026-11-22T12:00:00Z", "2027-11-22T12:00:00Z"})
    CHECK(next(rule, "Europe/Berlin", now) == "2026-12-24T17:00:00.000Z");
  rule.weekdays = monday;
  CHECK(next(rule, "Europe/Berlin", "2026-11-22T12:00:00Z")
        == "2026-12-28T17:00:00.000Z");
  CHECK(next(rule, "Europe/Berlin", "2026-12-28T17:00:00Z")
        == "2027-01-04T17:00:00.000Z");
}

TEST_CASE("a time that a day skips is the first instant after the gap, once",
          "[calendar]") {
  // London went from 01:00 to 02:00 on 2026-03-29.
  const auto skipped = daily("01:30");
  CHECK(next(skipped, "Europe/London", "2026-03-28T12:00:00Z")
        == "2026-03-29T01:00:00.000Z");
  CHECK(next(skipped, "Europe/London", "2026-03-29T01:00:00Z")
        == "2026-03-30T00:30:00.000Z");
  // New York went from 02:00 to 03:00 on 2026-03-08.
  CHECK(next(daily("02:30"), "America/New_York", "2026-03-08T06:59:59Z")
        == "2026-03-08T07:00:00.000Z");
  // Samoa had no 2011-12-30.
  auto gone = daily("12:00");
  gone.date = parse_date("2011-12-30");
  CHECK(next(gone, "Pacific/Apia", "2011-12-01T00:00:00Z")
        == "2011-12-30T10:00:00.000Z");
}

TEST_CASE("a time that a day has twice is the first one, once", "[calendar]") {
  // London went from 02:00 back to 01:00 on 2026-10-25.
  const auto twice = daily("01:30");
  CHECK(next(twice, "Europe/London", "2026-10-24T12:00:00Z")
        == "2026-10-25T00:30:00.000Z");
  CHECK(next(twice, "Europe/London", "2026-10-25T00:30:00Z")
        == "2026-10-26T01:30:00.000Z");
  // Between the two 01:30s, and after the second.
  CHECK(next(twice, "Europe/London", "2026-10-25T01:10:00Z")
        == "2026-10-26T01:30:00.000Z");
  CHECK(next(twice, "Europe/London", "2026-10-25T01:30:00Z")
        == "2026-10-26T01:30:00.000Z");
}

TEST_CASE("summer time goes on after the last year that zone data lists",
          "[calendar]") {
  for (const auto* year : {"2037", "2038", "2039", "2040", "2064", "2099"}) {
    CAPTURE(year);
    auto rule = daily("09:00");
    rule.date = parse_date(year + std::string{"-07-01"});
    CHECK(next(rule, "Europe/London", "2026-01-01T00:00:00Z")
          == year + std::string{"-07-01T08:00:00.000Z"});
    rule.date = parse_date(year + std::string{"-01-15"});
    CHECK(next(rule, "America/New_York", "2026-01-01T00:00:00Z")
          == year + std::string{"-01-15T14:00:00.000Z"});
  }
}

TEST_CASE("in every zone a daily time comes once a day, in order",
          "[calendar]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  const std::vector<std::string> zones{
    "Europe/London",    "America/New_York",  "Australia/Lord_Howe",
    "Asia/Kolkata",     "Africa/Casablanca", "America/Santiago",
    "Pacific/Auckland", "Pacific/Apia",      "America/St_Johns",
    "Asia/Beirut",      "America/Asuncion",  "UTC"};
  for (int round = 0; round < 200; ++round) {
    const auto where = zone(from.of(zones));
    local_rule rule;
    rule.time = std::chrono::seconds{60 * static_cast<int>(from.below(1440))};
    auto now = at("2009-01-01T00:00:00Z")
               + std::chrono::hours{from.below(24 * 365 * 60)};
    CAPTURE(where.name(), rule.time.count(), to_iso8601(now));
    std::chrono::local_days last{};
    for (int day = 0; day < 400; ++day) {
      const auto due = next_instant(rule, where, now);
      REQUIRE(due > now);
      // A day that is skipped whole counts for the one after it.
      const auto of = std::chrono::floor<std::chrono::days>(where.local(due));
      REQUIRE(due - now <= 49h);
      if (day > 0)
        REQUIRE((of > last || where.name() == "Pacific/Apia"));
      last = of;
      now = due;
    }
  }
}

TEST_CASE("quiet hours end at their local time, over midnight too",
          "[calendar]") {
  const local_hours night{22h, 8h};
  const auto end
    = [&](std::string_view now, std::string_view where = "Europe/London") {
        const auto found = end_of_hours(night, zone(where), at(now));
        return found ? to_iso8601(*found) : "outside";
      };
  CHECK(end("2026-12-10T21:59:59.999Z") == "outside");
  CHECK(end("2026-12-10T22:00:00Z") == "2026-12-11T08:00:00.000Z");
  CHECK(end("2026-12-11T03:00:00Z") == "2026-12-11T08:00:00.000Z");
  CHECK(end("2026-12-11T07:59:59.999Z") == "2026-12-11T08:00:00.000Z");
  CHECK(end("2026-12-11T08:00:00Z") == "outside");
  CHECK(end("2026-06-10T21:30:00Z") == "2026-06-11T07:00:00.000Z");
  CHECK(end("2026-03-28T23:00:00Z") == "2026-03-29T07:00:00.000Z");
  const local_hours noon{12h, 13h};
  CHECK(end_of_hours(noon, zone("UTC"), at("2026-12-10T12:30:00Z"))
        == at("2026-12-10T13:00:00Z"));
  CHECK_FALSE(end_of_hours(noon, zone("UTC"), at("2026-12-10T11:59:59Z")));
}

TEST_CASE("quiet hours that end in an hour that comes twice end once",
          "[calendar]") {
  const local_hours hours{22h, 1h + 30min};
  const auto london = zone("Europe/London");
  CHECK(end_of_hours(hours, london, at("2026-10-25T00:20:00Z"))
        == at("2026-10-25T00:30:00Z"));
  CHECK_FALSE(end_of_hours(hours, london, at("2026-10-25T01:10:00Z")));
}

TEST_CASE("zones are found by their names only, with a hint when near",
          "[calendar]") {
  CHECK(zone("Europe/London").name() == "Europe/London");
  CHECK(zone("UTC").name() == "UTC");
  for (const auto* wrong :
       {"", "London", "europe/london", "../../etc/passwd", "localtime",
        "/usr/share/zoneinfo/UTC", "Europe/", "+02:00"})
    CHECK_FALSE(local_zone::find(wrong));
  CHECK(nearest_zone("Europe/Londn") == "Europe/London");
  CHECK(nearest_zone("Nowhere at all, really").empty());
}

TEST_CASE("days and times of day are read strictly", "[calendar]") {
  for (const auto* wrong :
       {"", "2026-2-1", "2026-02-30", "2026-13-01", "1969-12-31", "2100-01-01",
        "2026/02/01", "2026-02-01T", "20-6-02-01", "2026-0a-01"})
    CHECK_FALSE(parse_date(wrong));
  CHECK(parse_date("2028-02-29"));
  for (const auto* wrong : {"", "9:00", "24:00", "09:60", "09:00:60", "09-00",
                            "09:00:", "09:00:0", "-1:00", "0900"})
    CHECK_FALSE(parse_time_of_day(wrong));
  CHECK(parse_time_of_day("23:59:59") == 24h - 1s);
}
