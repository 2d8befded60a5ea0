#include "engine/time.hpp"

#include <catch2/catch.hpp>

#include <random>

using troupe::engine::parse_duration;
using troupe::engine::parse_iso8601;
using troupe::engine::timestamp;
using troupe::engine::to_iso8601;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

timestamp at(std::int64_t us) {
  return timestamp{microseconds{us}};
}

} // namespace

TEST_CASE("G13 times are printed in UTC with milliseconds and Z",
          "[engine][time]") {
  CHECK(to_iso8601(at(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(to_iso8601(at(1'776'684'840'123'999)) == "2026-04-20T11:34:00.123Z");
  CHECK(to_iso8601(at(951'827'696'000'000)) == "2000-02-29T12:34:56.000Z");
  CHECK(to_iso8601(at(-1)) == "1969-12-31T23:59:59.999Z");
  CHECK(to_iso8601(timestamp::max()).substr(0, 5) == "9999-");
  CHECK(to_iso8601(timestamp::min()).substr(0, 5) == "0000-");
}

TEST_CASE("RFC 3339 times are read to the microsecond", "[engine][time]") {
  struct row {
    const char* text;
    std::int64_t us;
  };
  const auto r = GENERATE(
    row{"1970-01-01T00:00:00Z", 0}, row{"1970-01-01T00:00:00.000001Z", 1},
    row{"1970-01-01t00:00:01z", 1'000'000},
    row{"2026-04-20T11:34:00.123Z", 1'776'684'840'123'000},
    row{"2026-04-20T13:34:00.123+02:00", 1'776'684'840'123'000},
    row{"2026-04-20T06:04:00.1-05:30", 1'776'684'840'100'000},
    row{"2026-04-20T11:34:00.123456789Z", 1'776'684'840'123'456},
    row{"2024-02-29T00:00:00-00:00", 1'709'164'800'000'000},
    row{"1969-12-31T23:30:00-01:00", 1'800'000'000},
    row{"2016-12-31T23:59:60Z", 1'483'228'800'000'000},
    row{"2200-12-31T23:59:59.999999Z", 7'289'654'399'999'999});
  CAPTURE(r.text);
  const auto parsed = parse_iso8601(r.text);
  REQUIRE(parsed);
  CHECK(parsed->time_since_epoch().count() == r.us);
}

TEST_CASE("T2 a text that is no time from 1970 to 2200 is refused",
          "[engine][time]") {
  const auto text = GENERATE(
    "", "now", "2026", "2026-04-20", "2026-04-20T11:34Z", "1713612840",
    "2026-04-20T11:34:00", "2026-04-20 11:34:00Z", "2026-04-20T11:34:00.Z",
    "2026-04-20T11:34:00,5Z", "2026-04-20T11:34:00.1234567890Z",
    "2026-04-20T11:34:00+0200", "2026-04-20T11:34:00+24:00",
    "2026-04-20T11:34:00+02:60", "2026-04-20T24:00:00Z", "2026-04-20T11:60:00Z",
    "2026-04-20T11:34:61Z", "2026-04-20T11:34:60Z", "2026-13-20T11:34:00Z",
    "2026-00-20T11:34:00Z", "2026-04-31T11:34:00Z", "2026-02-29T11:34:00Z",
    "2100-02-29T00:00:00Z", "2026-04-00T11:34:00Z", "1969-12-31T23:59:59Z",
    "1970-01-01T00:30:00+01:00", "2201-01-01T00:00:00Z",
    "2200-12-31T23:30:00-01:00", "300000-01-01T00:00:00Z",
    "-026-04-20T11:34:00Z", "+026-04-20T11:34:00Z", " 2026-04-20T11:34:00Z",
    "2026-04-20T11:34:00Z ", "2026-4-20T11:34:00Z", "2026-04-20T11:34:00ZZ",
    "2026-04-20T1a:34:00Z");
  CAPTURE(text);
  CHECK_FALSE(parse_iso8601(text));
}

TEST_CASE("what is printed is read back to the same millisecond",
          "[engine][time]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::int64_t> any{0, 7'289'654'399'999'999};
  for (int i = 0; i < 20'000; ++i) {
    const auto t = at(any(random));
    const auto back = parse_iso8601(to_iso8601(t));
    REQUIRE(back);
    REQUIRE(*back == floor<milliseconds>(t));
  }
}

TEST_CASE("durations are read in both notations", "[engine][time]") {
  struct row {
    const char* text;
    microseconds expected;
  };
  const auto r = GENERATE(
    row{"0s", 0s}, row{"90s", 90s}, row{"15m", 15min}, row{"2h", 2h},
    row{"3d", days{3}}, row{"1w", weeks{1}}, row{"007d", days{7}},
    row{"521w", weeks{521}}, row{"P3D", days{3}}, row{"P2W", weeks{2}},
    row{"PT90S", 90s}, row{"PT1H30M", 90min}, row{"P1DT12H", 36h},
    row{"P1W2DT3H4M5S", weeks{1} + days{2} + 3h + 4min + 5s}, row{"PT0S", 0s},
    row{"P3652D", days{3652}});
  CAPTURE(r.text);
  const auto parsed = parse_duration(r.text);
  REQUIRE(parsed);
  CHECK(*parsed == r.expected);
}

TEST_CASE("a text that is no duration of at most ten years is refused",
          "[engine][time]") {
  const auto text = GENERATE(
    "", "s", "10", "10x", "1.5h", "-1h", "+1h", "1h30m", "2H", " 1h", "1h ",
    "3653d", "522w", "99999999999999999999s", "P", "PT", "P1DT", "P1", "P1H",
    "PT1D", "P1Y", "P1M", "PT1S1M", "P1D1W", "PT1.5S", "PT-1S", "P3652DT11H",
    "P1DT1H ", "PTT1H", "PT1HT1M", "PT1H1H", "p1d", "P99999999999999999999D");
  CAPTURE(text);
  CHECK_FALSE(parse_duration(text));
}
