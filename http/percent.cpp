#include "http/percent.hpp"

#include "http/characters.hpp"

#include <cstddef>
#include <cstdint>

namespace troupe::http {

namespace {

/// The length of the valid sequence at the start of `text`, else 0.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto is_tail = [&](std::size_t i) {
    return (byte(i) & 0xc0u) == 0x80u;
  };
  const auto first = byte(0);
  if (first < 0x80)
    return 1;
  if (first < 0xc2)
    return 0;
  if (first < 0xe0)
    return is_tail(1) ? 2 : 0;
  if (first < 0xf0) {
    const auto overlong = first == 0xe0 && byte(1) < 0xa0;
    const auto surrogate = first == 0xed && byte(1) > 0x9f;
    return is_tail(1) && is_tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first > 0xf4)
    return 0;
  const auto overlong = first == 0xf0 && byte(1) < 0x90;
  const auto beyond = first == 0xf4 && byte(1) > 0x8f;
  return is_tail(1) && is_tail(2) && is_tail(3) && !overlong && !beyond ? 4 : 0;
}

} // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::optional<std::string> percent_decode(std::string_view text,
                                          plus_sign plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    if (c == '+' && plus == plus_sign::is_space) {
      c = ' ';
    } else if (c == '%') {
      if (text.size() - i < 3)
        return std::nullopt;
      const auto high = hex_value(text[i + 1]);
      const auto low = hex_value(text[i + 2]);
      if (high < 0 || low < 0)
        return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return std::nullopt;
    decoded += c;
  }
  if (!is_utf8(decoded))
    return std::nullopt;
  return decoded;
}

} // namespace troupe::http
