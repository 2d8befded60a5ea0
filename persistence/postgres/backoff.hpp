// When to try again what the network or a server refuses: at growing intervals
// with jitter, for as long as it is worth waiting for; then at the longest of
// them, and nobody waits.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

namespace troupe::persistence::postgres {

class backoff {
public:
  /// @param longest_pause between two tries, give or take half of it
  backoff(std::chrono::milliseconds patience,
          std::chrono::milliseconds longest_pause)
    : patience_{patience}, longest_pause_{longest_pause} {}

  /// @param try_once returns true when no more tries are wanted
  /// @returns false when it was in vain, or too early to try again
  template <class Try>
  bool run(Try try_once) {
    const auto began = clock::now();
    if (is_away_ && began < next_try_)
      return false;
    const auto end = is_away_ ? began : began + patience_;
    for (auto pause = first_pause;;
         pause = std::min(2 * pause, longest_pause_)) {
      if (try_once()) {
        is_away_ = false;
        return true;
      }
      const auto next = jittered(pause);
      if (clock::now() + next > end) {
        is_away_ = true;
        next_try_ = clock::now() + jittered(longest_pause_);
        return false;
      }
      std::this_thread::sleep_for(next);
    }
  }

private:
  using clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  static constexpr milliseconds first_pause{20};

  // Half as long to half as long again.
  static milliseconds jittered(milliseconds pause) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_real_distribution<double> factor{0.5, 1.5};
    return std::chrono::round<milliseconds>(pause * factor(random));
  }

  milliseconds patience_;
  milliseconds longest_pause_;
  bool is_away_ = false; // was waited for in vain
  clock::time_point next_try_{};
};

} // namespace troupe::persistence::postgres
