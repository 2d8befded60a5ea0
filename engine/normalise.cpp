#include "engine/normalise.hpp"

#include "engine/unicode.hpp"

#include <idn2.h>

#include <algorithm>
#include <array>
#include <new>

namespace troupe::engine {

namespace {

constexpr std::size_t email_bytes_max = 254;
constexpr std::size_t id_bytes_max = 256;
constexpr std::size_t domain_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;
/// Normalising can shorten a text, but no address is four times its key.
constexpr std::size_t input_bytes_max = 1024;

char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_label_char(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}

/// Letters, digits and inner hyphens in labels of 1 to 63 (libidn2 encodes
/// but does not judge: it says yes to "exa mple..com").
bool is_host_name(std::string_view domain) {
  if (domain.empty() || domain.size() > domain_bytes_max)
    return false;
  while (true) {
    const auto label = domain.substr(0, domain.find('.'));
    if (label.empty() || label.size() > label_bytes_max || label.front() == '-'
        || label.back() == '-'
        || !std::all_of(label.begin(), label.end(), is_label_char))
      return false;
    if (label.size() == domain.size())
      return true;
    domain.remove_prefix(label.size() + 1);
  }
}

/// Appends the domain as lower-case A-labels.
bool append_domain(std::string& out, std::string_view domain) {
  if (is_ascii(domain)) {
    std::transform(domain.begin(), domain.end(), std::back_inserter(out),
                   ascii_lower);
    return true;
  }
  const std::string terminated{domain};
  std::uint8_t* encoded = nullptr;
  const auto outcome
    = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(terminated.c_str()),
                     &encoded, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (outcome == IDN2_MALLOC)
    throw std::bad_alloc{};
  if (outcome != IDN2_OK)
    return false;
  for (const auto* c = encoded; *c != 0; ++c)
    out.push_back(ascii_lower(static_cast<char>(*c)));
  idn2_free(encoded);
  return true;
}

bool append_local(std::string& out, std::string_view local) {
  if (is_ascii(local)) {
    std::transform(local.begin(), local.end(), std::back_inserter(out),
                   ascii_lower);
    return true;
  }
  const auto lowered = to_lower_nfc(local);
  if (lowered)
    out += *lowered;
  return lowered.has_value();
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7F';
  });
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) {
                      return ascii_lower(a) == b;
                    });
}

} // namespace

std::optional<std::string> email_key(std::string_view text) {
  text = trim(text);
  if (text.size() > input_bytes_max)
    return std::nullopt;
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos
      || text.find('@', at + 1) != std::string_view::npos)
    return std::nullopt;
  if (!is_printable_ascii(text) && has_invisible(text))
    return std::nullopt;
  std::string key;
  key.reserve(text.size());
  if (!append_local(key, text.substr(0, at)))
    return std::nullopt;
  auto local_size = key.size();
  key.push_back('@');
  if (!append_domain(key, text.substr(at + 1)))
    return std::nullopt;
  const auto domain = std::string_view{key}.substr(local_size + 1);
  if (!is_host_name(domain))
    return std::nullopt;
  if (domain == "gmail.com" || domain == "googlemail.com") {
    key.resize(local_size);
    std::erase(key, '.');
    // What the dots kept apart may compose now.
    if (!is_printable_ascii(key)) {
      const auto joined = to_lower_nfc(key);
      if (!joined)
        return std::nullopt;
      key = *joined;
    }
    local_size = key.size();
    key += "@gmail.com";
  }
  if (local_size == 0 || key.size() > email_bytes_max)
    return std::nullopt;
  return key;
}

std::optional<std::string> phone_key(std::string_view text) {
  constexpr std::size_t digits_min = 8;
  constexpr std::size_t digits_max = 15;
  text = trim(text);
  std::array<char, digits_max + 3> dense; // one more than "00" and 15 digits
  std::size_t size = 0;
  bool plus = false;
  for (const char c : text) {
    if (c == ' ' || c == '-' || c == '(' || c == ')' || c == '.')
      continue;
    if (c == '+' && !plus && size == 0)
      plus = true;
    else if (is_digit(c) && size < dense.size())
      dense[size++] = c;
    else
      return std::nullopt;
  }
  std::string_view digits{dense.data(), size};
  if (!plus) {
    if (!digits.starts_with("00"))
      return std::nullopt;
    digits.remove_prefix(2);
  }
  if (digits.size() < digits_min || digits.size() > digits_max
      || digits.front() == '0')
    return std::nullopt;
  std::string key{"+"};
  key += digits;
  return key;
}

std::optional<std::string> external_id_key(std::string_view text) {
  // NFC never makes a text more than three times as short.
  if (text.empty() || text.size() > 3 * id_bytes_max || has_control(text))
    return std::nullopt;
  auto key = to_nfc(text);
  if (!key || key->empty() || key->size() > id_bytes_max)
    return std::nullopt;
  return key;
}

std::optional<std::string> anonymous_id_key(std::string_view text) {
  return external_id_key(text);
}

bool is_placeholder(std::string_view text) {
  static constexpr std::string_view words[]
    = {"null",        "(null)",
       "<null>",      "undefined",
       "none",        "nil",
       "nan",         "-1",
       "anonymous",   "guest",
       "unknown",     "n/a",
       "true",        "false",
       "id",          "user_id",
       "distinct_id", "distinctid",
       "external_id", "not_authenticated",
       "\"\"",        "[object object]",
       "''",          "[]",
       "{}"};
  text = trim(text);
  if (text.empty())
    return true;
  constexpr std::size_t longest = 40; // a zero UUID in braces has 38
  if (text.size() > longest)
    return text.find_first_not_of('0') == std::string_view::npos;
  if (text.find('0') != std::string_view::npos
      && text.find_first_not_of("0-.{}") == std::string_view::npos)
    return true;
  return std::any_of(std::begin(words), std::end(words),
                     [text](std::string_view word) {
                       return equals_ignoring_case(text, word);
                     });
}

} // namespace troupe::engine
