// A short text kept in place: no allocation, cheap to copy.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::http {

template <std::size_t Capacity>
class short_text {
  static_assert(Capacity < 256);

public:
  static constexpr std::size_t capacity = Capacity;

  constexpr short_text() = default;

  /// Cuts what does not fit.
  explicit constexpr short_text(std::string_view text) {
    append(text);
  }

  constexpr void append(std::string_view text) {
    const auto taken = text.substr(0, Capacity - size_);
    std::copy(taken.begin(), taken.end(), bytes_.begin() + size_);
    size_ = static_cast<std::uint8_t>(size_ + taken.size());
  }

  [[nodiscard]] constexpr std::string_view view() const {
    return {bytes_.data(), size_};
  }

private:
  std::array<char, Capacity> bytes_{};
  std::uint8_t size_ = 0;
};

/// One per request, also in `X-Request-Id`: the client's own, or "req_" and 26
/// characters.
using request_id = short_text<64>;

/// An address as text, without a port.
using address_text = short_text<46>;

} // namespace troupe::http
