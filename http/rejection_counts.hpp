// How many events and requests doors did not take, by door and reason. Both
// come from fixed sets, so there are few.
#pragma once

#include "engine/event.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::http {

/// Any thread.
class rejection_counts {
public:
  void add(engine::door by, std::string_view reason) {
    const std::lock_guard lock{mutex_};
    ++counts_[{by, std::string{reason}}];
  }

  /// Calls `visit(door, reason, count)` for each.
  template <class Visitor>
  void each(Visitor visit) const {
    const std::lock_guard lock{mutex_};
    for (const auto& [what, count] : counts_)
      visit(what.first, what.second, count);
  }

private:
  mutable std::mutex mutex_;
  std::map<std::pair<engine::door, std::string>, std::uint64_t> counts_;
};

} // namespace troupe::http
