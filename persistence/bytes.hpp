// The primitives of the stored encoding: LEB128 integers (signed ones
// zigzagged) and length-prefixed texts. docs/schema.md has the grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace troupe::persistence {

class byte_writer {
public:
  explicit byte_writer(std::string& out) : out_(out) {}

  void byte(std::uint8_t value) {
    out_.push_back(static_cast<char>(value));
  }

  void number(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }

  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1)
           ^ static_cast<std::uint64_t>(value >> 63));
  }

  /// Eight bytes, little endian: for values without small cases (hashes).
  void fixed(std::uint64_t value) {
    for (int i = 0; i < 8; ++i, value >>= 8)
      byte(static_cast<std::uint8_t>(value));
  }

  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }

private:
  std::string& out_;
};

/// Reads what byte_writer wrote. After the first fault every read gives zero
/// or an empty text and ok() is false.
class byte_reader {
public:
  explicit byte_reader(std::string_view in) : in_(in) {}

  [[nodiscard]] bool ok() const {
    return ok_;
  }

  [[nodiscard]] bool at_end() const {
    return in_.empty();
  }

  void fail() {
    ok_ = false;
    in_ = {};
  }

  std::uint8_t byte() {
    if (in_.empty()) {
      fail();
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return value;
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto next = byte();
      value |= std::uint64_t{next & 0x7FU} << shift;
      if (next < 0x80)
        return value;
    }
    fail();
    return 0;
  }

  std::int64_t signed_number() {
    const auto value = number();
    return static_cast<std::int64_t>(value >> 1)
           ^ -static_cast<std::int64_t>(value & 1);
  }

  std::uint64_t fixed() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 8)
      value |= std::uint64_t{byte()} << shift;
    return value;
  }

  std::string_view text() {
    const auto length = number();
    if (length > in_.size()) {
      fail();
      return {};
    }
    const auto value = in_.substr(0, length);
    in_.remove_prefix(length);
    return value;
  }

  /// The number of items of a list; each takes at least one byte.
  std::size_t count() {
    const auto value = number();
    if (value > in_.size()) {
      fail();
      return 0;
    }
    return value;
  }

private:
  std::string_view in_;
  bool ok_ = true;
};

} // namespace troupe::persistence
