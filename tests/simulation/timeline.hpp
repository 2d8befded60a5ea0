// Virtual time, and what happens outside of the server when it has come. All
// that happens in a run is folded into `trace`: two runs are the same when
// their traces are.
#pragma once

#include "engine/time.hpp"
#include "tests/support/events.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace troupe::simulation {

class timeline {
public:
  [[nodiscard]] engine::timestamp now() const {
    return now_;
  }

  void after(engine::duration delay, std::function<void()> what) {
    agenda_.emplace(std::pair{now_ + delay, ++planned_}, std::move(what));
  }

  /// @returns false when nothing is due
  bool run_one() {
    if (agenda_.empty() || agenda_.begin()->first.first > now_)
      return false;
    const auto due = agenda_.extract(agenda_.begin());
    note(due.key().second);
    due.mapped()();
    return true;
  }

  [[nodiscard]] std::optional<engine::timestamp> next() const {
    if (agenda_.empty())
      return std::nullopt;
    return agenda_.begin()->first.first;
  }

  void advance(engine::timestamp until) {
    now_ = std::max(now_, until);
  }

  void note(std::uint64_t what) {
    trace_ = (trace_ ^ what) * 0x100000001B3U
             + static_cast<std::uint64_t>(now_.time_since_epoch().count());
  }

  [[nodiscard]] std::uint64_t trace() const {
    return trace_;
  }

private:
  engine::timestamp now_ = test::noon;
  std::map<std::pair<engine::timestamp, std::uint64_t>, std::function<void()>>
    agenda_;
  std::uint64_t planned_ = 0;
  std::uint64_t trace_ = 0xCBF29CE484222325U;
};

} // namespace troupe::simulation
