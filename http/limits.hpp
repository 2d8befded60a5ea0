// How often keys, workspaces and addresses may ask. The clock is the caller's;
// any thread may call.
#pragma once

#include "engine/ids.hpp"
#include "engine/rate_limits.hpp"
#include "http/response.hpp"
#include "http/short_text.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace troupe::http {

/// Counts the requests of keys and workspaces that have limits (G76).
class request_limits {
public:
  struct verdict {
    std::string_view refused_by; // error code, or empty
    engine::duration retry_after{};
    // The tighter of the two rules, or the one that refuses.
    std::string_view scope; // "key" or "workspace"; empty: neither has a rule
    std::uint32_t limit = 0;
    std::uint32_t remaining = 0;
    engine::timestamp reset{};
  };

  /// Takes one request of both, or of none when one of them refuses.
  verdict take(std::uint32_t key, engine::workspace_id workspace,
               const engine::rate_limits& by, engine::timestamp now);

  /// Meters that still count something, at most twice as many.
  [[nodiscard]] std::size_t size() const;

private:
  void forget_idle(engine::timestamp now);

  mutable std::mutex mutex_;
  std::unordered_map<std::uint32_t, engine::rate_meter> keys_;
  std::unordered_map<std::uint32_t, engine::rate_meter> workspaces_;
  std::size_t sweep_at_ = 1024;
};

/// `X-RateLimit-…`, when there is a rule.
/// @param as_unix_time when the limit is new again, as seconds since 1970
void append_fields(header_fields& to, const request_limits::verdict& from,
                   bool as_unix_time = false);

/// Failures by address: ten a minute pass, more are told to wait (A4).
class failed_attempts {
public:
  static constexpr std::uint32_t told_max = 10;

  /// @returns how long to wait when there were too many, else zero
  engine::duration note(const address_text& from, engine::timestamp now);

  [[nodiscard]] std::size_t size() const;

private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, engine::rate_meter> by_address_;
};

} // namespace troupe::http
