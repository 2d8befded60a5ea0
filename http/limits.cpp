#include "http/limits.hpp"

#include "engine/time.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace troupe::http {

namespace {

constexpr engine::rate_rule failures_rule{failed_attempts::told_max,
                                          std::chrono::minutes{1}, 0};
constexpr std::size_t addresses_max = 4096;

struct side {
  const engine::rate_rule* rule;
  engine::rate_meter* meter;
  std::string_view scope;
  std::string_view code;
  engine::rate_meter::state now{};
};

void describe(request_limits::verdict& out, const side& by) {
  out.scope = by.scope;
  out.limit = by.rule->capacity();
  out.remaining = by.now.remaining;
  out.reset = by.now.reset;
}

/// An IPv6 client has a whole /64: it counts as one.
std::uint64_t number_of(const address_text& from) {
  const std::string text{from.view()};
  std::array<unsigned char, 16> bytes{};
  std::uint64_t number = 0;
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }
  std::uint32_t small = 0;
  if (inet_pton(AF_INET, text.c_str(), &small) == 1)
    number = small;
  return number;
}

} // namespace

request_limits::verdict request_limits::take(std::uint32_t key,
                                             engine::workspace_id workspace,
                                             const engine::rate_limits& by,
                                             engine::timestamp now) {
  const std::lock_guard lock{mutex_};
  if (keys_.size() + workspaces_.size() >= sweep_at_)
    forget_idle(now);
  std::array<side, 2> sides{};
  std::size_t count = 0;
  if (by.key)
    sides[count++] = {&*by.key, &keys_[key], "key", "key_rate_limit", {}};
  if (by.workspace)
    sides[count++] = {&*by.workspace,
                      &workspaces_[engine::number(workspace)],
                      "workspace",
                      "workspace_rate_limit",
                      {}};
  verdict out;
  for (std::size_t i = 0; i < count; ++i) {
    auto& each = sides[i];
    each.now = each.meter->look(*each.rule, now);
    if (each.now.retry_after > out.retry_after) {
      out.refused_by = each.code;
      out.retry_after = each.now.retry_after;
      describe(out, each);
    }
  }
  if (!out.refused_by.empty())
    return out;
  for (std::size_t i = 0; i < count; ++i) {
    auto& each = sides[i];
    each.meter->take(*each.rule, now);
    each.now = each.meter->look(*each.rule, now);
    if (out.scope.empty() || each.now.remaining < out.remaining)
      describe(out, each);
  }
  return out;
}

// What is idle is as good as new, so the tables hold what was used lately.
void request_limits::forget_idle(engine::timestamp now) {
  const auto is_idle = [now](const auto& each) {
    return each.second.is_idle(now);
  };
  std::erase_if(keys_, is_idle);
  std::erase_if(workspaces_, is_idle);
  sweep_at_
    = std::max<std::size_t>(1024, 2 * (keys_.size() + workspaces_.size()));
}

std::size_t request_limits::size() const {
  const std::lock_guard lock{mutex_};
  return keys_.size() + workspaces_.size();
}

void append_fields(header_fields& to, const request_limits::verdict& from,
                   bool as_unix_time) {
  if (from.scope.empty())
    return;
  to.emplace_back("X-RateLimit-Limit", std::to_string(from.limit));
  to.emplace_back("X-RateLimit-Remaining", std::to_string(from.remaining));
  const auto seconds
    = std::chrono::ceil<std::chrono::seconds>(from.reset).time_since_epoch();
  to.emplace_back("X-RateLimit-Reset", as_unix_time
                                         ? std::to_string(seconds.count())
                                         : engine::to_iso8601(from.reset));
  to.emplace_back("X-RateLimit-Scope", from.scope);
}

engine::duration failed_attempts::note(const address_text& from,
                                       engine::timestamp now) {
  const std::lock_guard lock{mutex_};
  const auto number = number_of(from);
  if (by_address_.size() >= addresses_max && !by_address_.contains(number)) {
    std::erase_if(by_address_, [now](const auto& each) {
      return each.second.is_idle(now);
    });
    // Still full: attempts from so many addresses are not stopped by counting
    // each of them.
    if (by_address_.size() >= addresses_max)
      return {};
  }
  auto& meter = by_address_[number];
  const auto before = meter.look(failures_rule, now);
  if (before.remaining == 0)
    return before.retry_after;
  meter.take(failures_rule, now);
  return {};
}

std::size_t failed_attempts::size() const {
  const std::lock_guard lock{mutex_};
  return by_address_.size();
}

} // namespace troupe::http
