#include "engine/mailbox.hpp"

#include "engine/normalise.hpp"
#include "engine/unicode.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t address_bytes_max = 254;
constexpr std::size_t name_bytes_max = 100;

bool is_local_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9')
         || std::string_view{"!#$%&'*+-/=?^_`{|}~."}.find(c)
              != std::string_view::npos;
}

bool is_local_part(std::string_view text) {
  return !text.empty() && text.size() <= local_bytes_max
         && std::all_of(text.begin(), text.end(), is_local_character)
         && text.front() != '.' && text.back() != '.'
         && text.find("..") == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

} // namespace

std::optional<std::string> mail_address(std::string_view text) {
  text = trimmed(text);
  const auto at = text.find('@');
  if (at == std::string_view::npos || !is_local_part(text.substr(0, at)))
    return std::nullopt;
  // The key of any address has the domain as mail servers want it.
  const auto key = email_key("x" + std::string{text.substr(at)});
  if (!key)
    return std::nullopt;
  auto out = std::string{text.substr(0, at)} + key->substr(1);
  if (out.size() > address_bytes_max)
    return std::nullopt;
  return out;
}

std::optional<mailbox> parse_mailbox(std::string_view text) {
  text = trimmed(text);
  mailbox out;
  if (text.ends_with('>')) {
    const auto open = text.rfind('<');
    if (open == std::string_view::npos)
      return std::nullopt;
    auto name = trimmed(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
      name = name.substr(1, name.size() - 2);
    if (name.size() > name_bytes_max || has_control(name))
      return std::nullopt;
    out.name = name;
    text = text.substr(open + 1, text.size() - open - 2);
  }
  auto address = mail_address(text);
  if (!address)
    return std::nullopt;
  out.address = std::move(*address);
  return out;
}

} // namespace troupe::engine
