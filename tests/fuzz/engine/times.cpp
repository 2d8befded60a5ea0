// Points, spans and rules of time: what is read is within its bounds and reads
// the same again when written out; the next instant of a rule is later than
// now, and one that its own clock shows (reliability.md, F12).
#include "engine/calendar.hpp"
#include "engine/time.hpp"
#include "tests/fuzz/invariant.hpp"

#include <array>
#include <chrono>
#include <cstring>

using namespace troupe::engine;
using troupe::fuzz::demand;

namespace {

constexpr timestamp year_1970{};
constexpr timestamp year_2201{
  std::chrono::sys_days{std::chrono::January / 1 / 2201}};

void check_texts(std::string_view text) {
  if (const auto at = parse_iso8601(text)) {
    demand(*at >= year_1970 && *at < year_2201);
    const auto written = to_iso8601(*at);
    const auto again = parse_iso8601(written);
    demand(again && *again <= *at
           && *at - *again < std::chrono::milliseconds{1});
    demand(to_iso8601(*again) == written);
  }
  if (const auto span = parse_duration(text))
    demand(*span >= duration::zero() && *span <= std::chrono::days{10 * 366});
  if (const auto day = parse_date(text)) {
    demand(day->ok() && text.size() == 10);
    demand(int{day->year()} >= 1970 && int{day->year()} <= 2099);
  }
  if (const auto time = parse_time_of_day(text))
    demand(time->count() >= 0 && *time < std::chrono::hours{24});
}

void check_rules(std::string_view bytes) {
  struct {
    std::uint32_t time;
    std::uint32_t length;
    std::uint64_t now;
    std::uint8_t weekdays;
    std::uint8_t zone;
  } from{};
  if (bytes.size() < sizeof from)
    return;
  std::memcpy(&from, bytes.data(), sizeof from);
  static const std::array zones{
    *local_zone::find("Europe/London"), *local_zone::find("America/New_York"),
    *local_zone::find("Australia/Lord_Howe"), *local_zone::find("Asia/Kolkata"),
    local_zone{}};
  const auto& zone = zones[from.zone % zones.size()];
  const timestamp now{
    duration{static_cast<std::int64_t>(from.now % 4'102'444'800'000'000U)}};
  constexpr std::uint32_t day = 86'400;
  const local_rule rule{std::chrono::seconds{from.time % day},
                        static_cast<std::uint8_t>(from.weekdays & 0x7f),
                        {}};
  const auto next = next_instant(rule, zone, now);
  demand(next > now && next - now < std::chrono::days{10});
  const local_hours hours{rule.time, std::chrono::seconds{from.length % day}};
  if (const auto end = end_of_hours(hours, zone, now))
    demand(*end > now && *end - now <= std::chrono::hours{27});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto text = troupe::fuzz::as_text(data, size);
  check_texts(text);
  check_rules(text);
  return 0;
}
