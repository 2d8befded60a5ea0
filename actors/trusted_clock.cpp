#include "actors/trusted_clock.hpp"

#include <chrono>
#include <cstdlib>

namespace troupe::actors {

namespace {

bool is_step(std::int64_t from, std::int64_t to) {
  return std::abs(to - from) > trusted_clock::step_min.count();
}

} // namespace

engine::timestamp wall_time() {
  return std::chrono::floor<engine::duration>(std::chrono::system_clock::now());
}

engine::timestamp trusted_clock::at(engine::timestamp wall,
                                    engine::duration running) {
  const auto seen = (wall.time_since_epoch() - running).count();
  const auto known = offset_.load(std::memory_order_relaxed);
  if (known == seen && !doubts_.load(std::memory_order_relaxed))
    return wall;
  return engine::timestamp{running + engine::duration{judge(seen, running)}};
}

// @returns the offset that counts
std::int64_t trusted_clock::judge(std::int64_t offset,
                                  engine::duration running) {
  const auto known = offset_.load(std::memory_order_relaxed);
  if (known != unset && !is_step(known, offset)) {
    // Followed, and not by every reader for every microsecond between its two
    // readings.
    constexpr std::int64_t jitter = 1000;
    if (std::abs(offset - known) > jitter)
      offset_.store(offset, std::memory_order_relaxed);
    if (!doubts_.load(std::memory_order_relaxed))
      return offset;
    const std::lock_guard held{mutex_};
    doubt_.reset();
    doubts_.store(false, std::memory_order_relaxed);
    return offset;
  }
  const std::lock_guard held{mutex_};
  const auto now = offset_.load(std::memory_order_relaxed);
  if (now != unset && !is_step(now, offset))
    return offset; // another reader believed it
  if (now != unset && (!doubt_ || is_step(doubt_->offset, offset))) {
    doubt_ = doubt{offset, running};
    doubts_.store(true, std::memory_order_relaxed);
    return now;
  }
  if (now != unset && running - doubt_->since < believed_after)
    return now;
  doubt_.reset();
  doubts_.store(false, std::memory_order_relaxed);
  offset_.store(offset, std::memory_order_relaxed);
  return offset;
}

} // namespace troupe::actors
