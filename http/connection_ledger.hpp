// How many connections are open, in total and per client address (H4).
// Thread-safe; touched once per connection, never per request.
#pragma once

#include "http/short_text.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe::http {

class connection_ledger {
public:
  enum class verdict { admitted, turned_away, dropped };

  connection_ledger(std::size_t total_max, std::size_t per_address_max)
    : total_max_{total_max}, per_address_max_{per_address_max} {}

  /// `turned_away` is worth an answer, `dropped` is not: only so many
  /// connections at a time are told why.
  /// @param is_shared many clients have this address: only the total counts
  verdict enter(const address_text& client, bool is_shared = false) {
    const std::lock_guard lock{mutex_};
    auto& of_address = by_address_[std::string{client.view()}];
    if (admitted_ < total_max_
        && (is_shared || of_address < per_address_max_)) {
      ++admitted_;
      ++of_address;
      return verdict::admitted;
    }
    if (of_address == 0)
      by_address_.erase(std::string{client.view()});
    if (turned_away_ == turned_away_max)
      return verdict::dropped;
    ++turned_away_;
    return verdict::turned_away;
  }

  /// @pre enter() gave `was`
  void leave(const address_text& client, verdict was) {
    const std::lock_guard lock{mutex_};
    if (was == verdict::turned_away)
      --turned_away_;
    if (was != verdict::admitted)
      return;
    --admitted_;
    const auto found = by_address_.find(std::string{client.view()});
    if (found != by_address_.end() && --found->second == 0)
      by_address_.erase(found);
  }

private:
  static constexpr std::size_t turned_away_max = 64;

  const std::size_t total_max_;
  const std::size_t per_address_max_;
  std::mutex mutex_;
  std::size_t admitted_ = 0;
  std::size_t turned_away_ = 0;
  std::unordered_map<std::string, std::size_t> by_address_;
};

} // namespace troupe::http
