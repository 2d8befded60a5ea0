// The one error value of Troupe, and the result that carries it. Codes say
// what the caller can do; `name` and `pointer` say what was wrong and where.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace troupe::engine {

/// Append only: numbers may be stored.
enum class errc : std::uint8_t {
  none = 0,
  invalid_request,     // the caller must change what it sent
  unauthenticated,     // no key, or one that is not known
  forbidden,           // the key lacks a scope
  not_found,           // what was named does not exist in this workspace
  conflict,            // contradicts what is stored; see `name`
  overloaded,          // a bound was reached; try again later
  storage_unavailable, // the store could not write or read; try again later
  deadline_exceeded,   // not finished in time; the key makes a retry safe
  internal,            // a defect of Troupe
  rate_limited,        // the caller asked too often; try again later
};

struct error {
  errc code = errc::internal;
  std::string name;    // stable, snake_case: "metadata_too_large"
  std::string message; // for a person: what was wrong and what to do
  std::string pointer; // JSON pointer into the request, or empty
};

inline error invalid(std::string name, std::string message,
                     std::string pointer = {}) {
  return {errc::invalid_request, std::move(name), std::move(message),
          std::move(pointer)};
}

/// Something ended before it could answer.
inline error interrupted() {
  return {errc::internal,
          "internal",
          "the server could not finish this request; try again",
          {}};
}

/// A value or the error that prevented it.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : content_(std::in_place_index<0>, std::move(value)) {}

  result(error reason) : content_(std::in_place_index<1>, std::move(reason)) {}

  [[nodiscard]] bool has_value() const noexcept {
    return content_.index() == 0;
  }

  explicit operator bool() const noexcept {
    return has_value();
  }

  /// @pre has_value()
  [[nodiscard]] T& operator*() {
    assert(has_value());
    return *std::get_if<0>(&content_);
  }

  [[nodiscard]] const T& operator*() const {
    assert(has_value());
    return *std::get_if<0>(&content_);
  }

  [[nodiscard]] T* operator->() {
    return &**this;
  }

  [[nodiscard]] const T* operator->() const {
    return &**this;
  }

  /// @pre !has_value()
  [[nodiscard]] const engine::error& failure() const {
    assert(!has_value());
    return *std::get_if<1>(&content_);
  }

private:
  std::variant<T, engine::error> content_;
};

using status = result<std::monostate>;

inline status success() {
  return std::monostate{};
}

} // namespace troupe::engine
