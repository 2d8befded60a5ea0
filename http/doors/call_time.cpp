#include "http/doors/call_time.hpp"

#include "http/doors/call.hpp"

#include <cmath>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::timestamp;

// More seconds since 1970 than any date Troupe takes: then they are
// milliseconds.
constexpr double seconds_max = 1e11;

// A call that is repeated still says when it was sent first: taking its way for
// a wrong clock would put it behind those that came after it.
constexpr engine::duration way_max = std::chrono::minutes{1};

std::optional<timestamp> of_number(double number) {
  if (!(number >= 0 && number < seconds_max * 1000))
    return std::nullopt;
  const auto seconds = number < seconds_max ? number : number / 1000;
  return timestamp{engine::duration{std::llround(seconds * 1e6)}};
}

const json::value* member(const json::object& of, std::string_view name) {
  const auto* found = of.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

} // namespace

std::optional<timestamp> read_instant(const json::value& from,
                                      bool is_forgiving) {
  if (is_forgiving && from.is_number())
    return of_number(from.to_number<double>());
  if (!from.is_string())
    return std::nullopt;
  std::string text{from.get_string()};
  if (constexpr std::size_t day = 10; // as databases write it
      is_forgiving && text.size() > day && text[day] == ' ')
    text[day] = 'T';
  if (const auto at = engine::parse_iso8601(text); at || !is_forgiving)
    return at;
  return engine::parse_iso8601(text + "Z");
}

timestamp by_our_clock(timestamp at, std::optional<timestamp> sent_at,
                       timestamp received_at) {
  if (sent_at) {
    const auto apart = received_at - *sent_at;
    if (apart > way_max || apart < -way_max)
      at += apart;
  }
  return std::min(at, received_at);
}

engine::result<std::optional<timestamp>>
occurred_at(const json::object& call, const call_rules& rules,
            const call_setting& setting) {
  const auto forgives = rules.is_forgiving;
  // In a file `timestamp` is corrected, and `sentAt` of another day.
  const auto is_sent = forgives && !setting.is_of_file;
  const auto* said = is_sent ? member(call, "originalTimestamp") : nullptr;
  std::string name = said == nullptr ? "timestamp" : "originalTimestamp";
  if (said == nullptr)
    said = member(call, "timestamp");
  if (said == nullptr && setting.is_of_file) {
    name = "originalTimestamp";
    said = member(call, "originalTimestamp");
  }
  if (said == nullptr)
    return std::optional<timestamp>{};
  auto at = read_instant(*said, forgives);
  if (!at)
    return invalid("field_invalid",
                   "`" + name
                     + "` is an ISO 8601 time with its offset, such as "
                       "2026-04-20T11:34:00Z",
                   "/" + name);
  if (forgives) {
    auto sent = setting.sent_at;
    if (const auto* own = member(call, "sentAt"); own != nullptr && is_sent)
      if (const auto own_time = read_instant(*own, true))
        sent = own_time;
    *at = by_our_clock(*at, sent, setting.received_at);
  }
  if (setting.is_history)
    return at;
  if (auto good = check_occurred(*at, setting.received_at, "/" + name); !good)
    return good.failure();
  return at;
}

} // namespace troupe::http
