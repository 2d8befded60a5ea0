// Things that many threads have for one actor.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Gathers until the actor takes them all: one message for many.
template <class T>
class gathered {
public:
  /// @returns true when it was empty: then the actor has to be told
  bool add(T&& what) {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(what));
    return waiting_.size() == 1;
  }

  std::vector<T> take() {
    std::vector<T> next;
    const std::lock_guard lock{mutex_};
    next.reserve(waiting_.size()); // as many come again, likely
    return std::exchange(waiting_, std::move(next));
  }

private:
  std::mutex mutex_;
  std::vector<T> waiting_; // guarded by mutex_
};

} // namespace troupe::actors
