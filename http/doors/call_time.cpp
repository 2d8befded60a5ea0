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
  constexpr std::size_t day = 10;
  if (is_forgiving && text.size() > day && text[day] == ' ')
    text[day] = 'T'; // as databases write it
  if (const auto at = engine::parse_iso8601(text); at || !is_forgiving)
    return at;
  if (text.size() == day)
    text += "T00:00:00";
  if (const auto at = engine::parse_iso8601(text + "Z"))
    return at;
  if (text.size() > day + 5) // "+0000" for "+00:00"
    text.insert(text.size() - 2, ":");
  return engine::parse_iso8601(text);
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
  std::string name = "timestamp";
  const auto* said = member(call, name);
  const auto* original = forgives ? member(call, "originalTimestamp") : nullptr;
  // Beside it `timestamp` is what was meant, or corrected before. In a file it
  // is, and `sentAt` of another day.
  const auto is_corrected
    = setting.is_of_file || (said != nullptr && original != nullptr);
  if (said == nullptr && original != nullptr) {
    name = "originalTimestamp";
    said = original;
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
    auto sent = is_corrected ? std::nullopt : setting.sent_at;
    if (const auto* own = member(call, "sentAt");
        own != nullptr && !is_corrected)
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
