// Whether the time can be trusted with what cannot be taken back: turns that
// are deleted for their age are gone, also when it was the clock that was
// wrong.
#pragma once

#include "engine/time.hpp"

#include <chrono>
#include <optional>

namespace troupe::actors {

class settled_clock {
public:
  static constexpr auto step_min = std::chrono::hours{1};
  static constexpr auto trusted_after = std::chrono::hours{24};

  /// @param running goes on evenly
  /// @returns false for a day after the clock was set
  bool is_settled(engine::timestamp now, engine::duration running) {
    const auto offset = now.time_since_epoch() - running;
    if (offset_ && std::chrono::abs(offset - *offset_) > step_min)
      set_at_ = running;
    offset_ = offset;
    return !set_at_ || running - *set_at_ >= trusted_after;
  }

private:
  std::optional<engine::duration> offset_;
  std::optional<engine::duration> set_at_;
};

} // namespace troupe::actors
