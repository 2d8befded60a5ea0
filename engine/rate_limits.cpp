#include "engine/rate_limits.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace troupe::engine {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t number_max = 1'000'000;

struct preset {
  std::string_view name;
  std::optional<rate_rule> key;
  std::optional<rate_rule> workspace;
  std::optional<door> counted_at = std::nullopt;
};

constexpr std::array presets{
  preset{"genieos", rate_rule{30, 1s, 60}, rate_rule{600, 1min, 0}},
  preset{"growthos_starter", {}, rate_rule{600, 1min, 0}},
  preset{"growthos_growth", {}, rate_rule{3'000, 1min, 0}},
  preset{"growthos_scale", {}, rate_rule{12'000, 1min, 0}},
  preset{"redo", {}, rate_rule{100, 1s, 100}},
  preset{"sendmator_free", {}, rate_rule{100, 1h, 0}, door::sendmator},
  preset{"sendmator_starter", {}, rate_rule{1'000, 1h, 0}, door::sendmator},
  preset{"sendmator_pro", {}, rate_rule{10'000, 1h, 0}, door::sendmator},
};

error field(std::string message, std::string pointer) {
  return invalid("field_invalid", std::move(message), std::move(pointer));
}

result<std::uint32_t> number_of(const json::value& from,
                                const std::string& pointer) {
  if (from.is_int64() && from.get_int64() >= 1
      && from.get_int64() <= number_max)
    return static_cast<std::uint32_t>(from.get_int64());
  return field("give a whole number from 1 to 1,000,000", pointer);
}

result<rate_rule> rule_of(const json::value& from, const std::string& pointer) {
  const auto wrong
    = field("give one of `per_second` (with a `burst` if you like), "
            "`per_minute` and `per_hour`",
            pointer);
  if (!from.is_object())
    return wrong;
  rate_rule rule;
  std::uint32_t burst = 0;
  for (const auto& item : from.get_object()) {
    const std::string name{item.key()};
    const auto value = number_of(item.value(), pointer + "/" + name);
    if (!value)
      return value.failure();
    if (name == "burst") {
      burst = *value;
      continue;
    }
    const auto per = name == "per_second"   ? duration{1s}
                     : name == "per_minute" ? duration{1min}
                     : name == "per_hour"   ? duration{1h}
                                            : duration{};
    if (per == duration{} || rule.requests != 0)
      return wrong;
    rule.requests = *value;
    rule.per = per;
  }
  if (rule.requests == 0 || (burst != 0 && rule.per != duration{1s}))
    return wrong;
  if (rule.per == duration{1s})
    rule.burst = burst != 0 ? burst : rule.requests;
  return rule;
}

result<std::optional<rate_limits>> preset_of(std::string_view name,
                                             std::string_view pointer) {
  if (name == "none")
    return std::optional<rate_limits>{};
  std::string known = "`none`";
  for (const auto& each : presets) {
    if (each.name == name)
      return std::optional{
        rate_limits{each.key, each.workspace, 0, each.counted_at}};
    known += ", `" + std::string{each.name} + "`";
  }
  return field("there is no such preset; known are " + known,
               std::string{pointer});
}

std::int64_t nanoseconds_of(timestamp at) {
  return at.time_since_epoch().count() * 1000;
}

// Rounded up, so that nobody is told a time that is too early.
duration up_to_micros(std::int64_t nanoseconds) {
  return duration{(std::max<std::int64_t>(nanoseconds, 0) + 999) / 1000};
}

std::int64_t interval_of(const rate_rule& rule) {
  return rule.per.count() * 1000 / rule.requests;
}

} // namespace

result<std::optional<rate_limits>> parse_rate_limits(const json::value& from,
                                                     std::string_view at) {
  const std::string pointer{at};
  if (from.is_string())
    return preset_of(std::string_view{from.get_string()}, at);
  if (!from.is_object() || from.get_object().empty())
    return field("`rate_limits` is a preset's name or an object with `key`, "
                 "`workspace` and `concurrent_writes`",
                 pointer);
  rate_limits limits;
  for (const auto& item : from.get_object()) {
    const std::string name{item.key()};
    const auto place = pointer + "/" + name;
    if (name == "concurrent_writes") {
      const auto most = number_of(item.value(), place);
      if (!most)
        return most.failure();
      limits.concurrent_writes = *most;
    } else if (name == "key" || name == "workspace") {
      const auto rule = rule_of(item.value(), place);
      if (!rule)
        return rule.failure();
      (name == "key" ? limits.key : limits.workspace) = *rule;
    } else {
      return invalid("field_unknown",
                     "known are `key`, `workspace` and `concurrent_writes`",
                     place);
    }
  }
  return std::optional{limits};
}

// A clock that was set back, or a rule that was narrower before, leaves times
// too far ahead: none is further than the rule itself reaches.
std::int64_t rate_meter::missing_of(const rate_rule& rule,
                                    std::int64_t at) const {
  return std::clamp(full_at_ - at, std::int64_t{0},
                    interval_of(rule) * std::int64_t{rule.burst});
}

bool rate_meter::is_window_open(const rate_rule& rule, std::int64_t at) const {
  return at < window_ends_ && window_ends_ - at <= rule.per.count() * 1000;
}

rate_meter::state rate_meter::look(const rate_rule& rule, timestamp now) const {
  const auto at = nanoseconds_of(now);
  state found;
  if (rule.burst == 0) {
    const auto is_open = is_window_open(rule, at);
    found.remaining = is_open ? rule.requests - std::min(taken_, rule.requests)
                              : rule.requests;
    found.reset = is_open ? now + up_to_micros(window_ends_ - at) : now;
    if (found.remaining == 0)
      found.retry_after = found.reset - now;
    return found;
  }
  const auto interval = interval_of(rule);
  const auto missing = missing_of(rule, at);
  // Requests that are not paid back yet, rounded up.
  const auto owed = (missing + interval - 1) / interval;
  found.remaining
    = owed >= rule.burst ? 0 : rule.burst - static_cast<std::uint32_t>(owed);
  found.reset = now + up_to_micros(missing);
  if (found.remaining == 0)
    found.retry_after
      = up_to_micros(missing - interval * (std::int64_t{rule.burst} - 1));
  return found;
}

void rate_meter::take(const rate_rule& rule, timestamp now) {
  const auto at = nanoseconds_of(now);
  if (rule.burst != 0) {
    full_at_ = at + missing_of(rule, at) + interval_of(rule);
    return;
  }
  if (!is_window_open(rule, at)) {
    window_ends_ = at + rule.per.count() * 1000;
    taken_ = 0;
  }
  ++taken_;
}

bool rate_meter::is_idle(timestamp now) const {
  const auto at = nanoseconds_of(now);
  return full_at_ <= at && window_ends_ <= at;
}

} // namespace troupe::engine
