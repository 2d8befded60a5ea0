// A value that one actor publishes and any thread reads: always the newest
// whole version.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace troupe::messages {

template <class T>
class published {
public:
  [[nodiscard]] std::shared_ptr<const T> get() const {
    const std::lock_guard guard{mutex_};
    return value_;
  }

  void set(std::shared_ptr<const T> value) {
    const std::lock_guard guard{mutex_};
    value_.swap(value);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_ = std::make_shared<const T>();
};

} // namespace troupe::messages
