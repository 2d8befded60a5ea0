// The clock of business time: the wall clock as far as it can be believed. It
// goes on as fast as the time since boot does; a step of the wall clock counts
// only once it has stood for a while, so one that is taken back soon fires no
// timer early, forgets no idempotency key and leaves no contact in the future.
// Any thread may ask.
#pragma once

#include "engine/time.hpp"

#include <atomic>
#include <mutex>
#include <optional>

namespace troupe::actors {

/// What the machine says, for those who compare it with other machines.
engine::timestamp wall_time();

class trusted_clock {
public:
  /// Less is no step: clocks are adjusted all the time.
  static constexpr engine::duration step_min = std::chrono::milliseconds{100};
  static constexpr engine::duration believed_after = std::chrono::minutes{1};

  /// @param wall what the wall clock says
  /// @param running time that goes on evenly, also while the machine sleeps
  engine::timestamp at(engine::timestamp wall, engine::duration running);

private:
  static constexpr std::int64_t unset = INT64_MIN;

  /// A step, and when it was first seen.
  struct doubt {
    std::int64_t offset = 0;
    engine::duration since{};
  };

  std::int64_t judge(std::int64_t offset, engine::duration running);

  // What is added to the running time, in microseconds.
  std::atomic<std::int64_t> offset_{unset};
  std::atomic<bool> doubts_{false};
  std::mutex mutex_;
  std::optional<doubt> doubt_; // guarded by mutex_
};

} // namespace troupe::actors
