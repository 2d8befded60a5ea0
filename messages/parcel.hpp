// A value on its way from actor to actor.
#pragma once

#include <memory>
#include <utility>

namespace troupe::messages {

/// Handed on without moving what is inside, which is large. One owner at a
/// time, who may change it: copies exist only because messages must have them.
template <class T>
class parcel {
public:
  parcel() = default; // empty
  parcel(T&& what) : what_{std::make_shared<T>(std::move(what))} {}

  /// One with a value that is to be filled in where it is.
  static parcel of_new() {
    parcel made;
    made.what_ = std::make_shared<T>();
    return made;
  }

  /// @pre not empty
  T& operator*() const {
    return *what_;
  }

  T* operator->() const {
    return what_.get();
  }

private:
  std::shared_ptr<T> what_;
};

} // namespace troupe::messages
