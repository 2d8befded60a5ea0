// A value that is cheap to copy: copies share it until one of them edits.
// Copies may live on different threads; one copy may not.
#pragma once

#include <memory>
#include <utility>

namespace troupe::engine {

template <class T>
class copy_on_write {
public:
  copy_on_write() = default;

  explicit copy_on_write(T value)
    : value_(std::make_shared<T>(std::move(value))) {}

  const T& operator*() const {
    static const T empty{};
    return value_ ? *value_ : empty;
  }

  const T* operator->() const {
    return &**this;
  }

  /// @returns the value for change, copied first when others share it.
  T& edit() {
    if (!value_) {
      value_ = std::make_shared<T>();
    } else if (value_.use_count() > 1) {
      value_ = std::make_shared<T>(*value_);
    } else {
      // Reading the count orders nothing. Taking and dropping a share does:
      // what another thread read before it let go is over before the change.
      const auto share = value_;
    }
    return *value_;
  }

private:
  std::shared_ptr<T> value_;
};

} // namespace troupe::engine
