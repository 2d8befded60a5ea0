#include "engine/unicode.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace troupe::engine {

namespace {

const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

struct code_point {
  utf8proc_int32_t value = -1; // negative: not UTF-8
  std::size_t size = 1;
};

/// @pre !text.empty()
code_point first_of(std::string_view text) {
  code_point result;
  const auto size = utf8proc_iterate(
    bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &result.value);
  if (size <= 0)
    return {};
  result.size = static_cast<std::size_t>(size);
  return result;
}

/// @pre !text.empty()
code_point last_of(std::string_view text) {
  auto from = text.size() - 1;
  while (from > 0 && text.size() - from < 4
         && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U)
    --from;
  const auto result = first_of(text.substr(from));
  return result.size == text.size() - from ? result : code_point{};
}

bool is_white_space(utf8proc_int32_t c) {
  if (c < 0x80)
    return c == ' ' || (c >= '\t' && c <= '\r');
  if (c == 0x85 || c == 0xFEFF)
    return true;
  const auto category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL
         || category == UTF8PROC_CATEGORY_ZP;
}

template <class Predicate>
bool any_code_point(std::string_view text, Predicate predicate) {
  while (!text.empty()) {
    const auto c = first_of(text);
    if (c.value < 0 || predicate(utf8proc_category(c.value)))
      return true;
    text.remove_prefix(c.size);
  }
  return false;
}

std::string lower_each(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto c = first_of(text);
    utf8proc_uint8_t encoded[4];
    const auto size = utf8proc_encode_char(utf8proc_tolower(c.value), encoded);
    for (utf8proc_ssize_t i = 0; i < size; ++i)
      result.push_back(static_cast<char>(encoded[i]));
    text.remove_prefix(c.size);
  }
  return result;
}

} // namespace

bool is_ascii(std::string_view text) {
  unsigned char seen = 0;
  for (const char c : text)
    seen = static_cast<unsigned char>(seen | static_cast<unsigned char>(c));
  return seen < 0x80;
}

std::optional<std::string> to_nfc(std::string_view text) {
  if (is_ascii(text))
    return std::string{text};
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(
    bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &mapped,
    static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner{
    mapped, &std::free};
  if (size == UTF8PROC_ERROR_NOMEM)
    throw std::bad_alloc{};
  if (size < 0)
    return std::nullopt;
  return std::string(mapped, mapped + size);
}

std::optional<std::string> to_lower_nfc(std::string_view text) {
  auto current = to_nfc(text);
  // Composing after lowering can make an upper-case letter lowerable again;
  // the tables settle after one more round, four is the proof against loops.
  for (int round = 0; current && round < 4; ++round) {
    auto next = to_nfc(lower_each(*current));
    if (next == current)
      return next;
    current = std::move(next);
  }
  return std::nullopt;
}

bool has_control(std::string_view text) {
  return any_code_point(text, [](utf8proc_category_t category) {
    return category == UTF8PROC_CATEGORY_CC;
  });
}

bool has_invisible(std::string_view text) {
  return any_code_point(text, [](utf8proc_category_t category) {
    switch (category) {
      case UTF8PROC_CATEGORY_CC:
      case UTF8PROC_CATEGORY_CF:
      case UTF8PROC_CATEGORY_CS:
      case UTF8PROC_CATEGORY_CN:
      case UTF8PROC_CATEGORY_ZS:
      case UTF8PROC_CATEGORY_ZL:
      case UTF8PROC_CATEGORY_ZP:
        return true;
      default:
        return false;
    }
  });
}

std::string readable(std::string_view bytes, std::size_t bytes_max) {
  std::string out;
  while (!bytes.empty()) {
    const auto c = first_of(bytes);
    const auto part
      = c.value < 0 ? std::string_view{"\uFFFD"} : bytes.substr(0, c.size);
    if (out.size() + part.size() > bytes_max)
      break;
    out += part;
    bytes.remove_prefix(c.size);
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    const auto c = first_of(text);
    if (!is_white_space(c.value))
      break;
    text.remove_prefix(c.size);
  }
  while (!text.empty()) {
    const auto c = last_of(text);
    if (!is_white_space(c.value))
      break;
    text.remove_suffix(c.size);
  }
  return text;
}

} // namespace troupe::engine
