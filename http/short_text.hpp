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

/// "req_" and 26 characters; one per request, also in `X-Request-Id`.
using request_id = short_text<30>;

/// An address as text, without a port.
using address_text = short_text<46>;

} // namespace troupe::http
