// Character classes of RFC 9110 as tables, and ASCII case folding: nothing
// here asks a locale.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::http {

namespace detail {

enum char_class : std::uint8_t {
  token_char = 1,
  value_char = 2, // HTAB, SP, VCHAR, obs-text
  target_char = 4,
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t c = 0; c < 256; ++c) {
    std::uint8_t bits = 0;
    const auto letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const auto digit = c >= '0' && c <= '9';
    const std::string_view marks = "!#$%&'*+-.^_`|~";
    if (letter || digit
        || (c < 128 && marks.find(static_cast<char>(c)) != marks.npos))
      bits |= token_char;
    if (c == '\t' || (c >= 0x20 && c != 0x7f))
      bits |= value_char;
    // A fragment never reaches a server, and a backslash is a slash to some.
    if (c > 0x20 && c < 0x7f && c != '#' && c != '\\')
      bits |= target_char;
    classes[c] = bits;
  }
  return classes;
}

inline constexpr auto classes = make_classes();

constexpr bool all_of(std::string_view text, char_class wanted) {
  std::uint8_t bits = wanted;
  for (const auto c : text)
    bits &= classes[static_cast<unsigned char>(c)];
  return bits != 0;
}

} // namespace detail

constexpr bool is_token(std::string_view text) {
  return !text.empty() && detail::all_of(text, detail::token_char);
}

constexpr bool is_field_value(std::string_view text) {
  return detail::all_of(text, detail::value_char);
}

constexpr bool is_target(std::string_view text) {
  return !text.empty() && detail::all_of(text, detail::target_char);
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// -1 on any other character.
constexpr int hex_value(char c) {
  if (is_digit(c))
    return c - '0';
  const auto lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i]))
      return false;
  return true;
}

constexpr std::string_view trim_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace troupe::http
