#include "outbound/headers.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <string>

namespace troupe::outbound {

namespace {

constexpr std::size_t name_bytes_max = 128;
constexpr std::size_t value_bytes_max = 4096;
constexpr long retry_after_max = 86'400;

constexpr std::array<std::string_view, 9> framing_names{
  "host",      "content-length", "transfer-encoding", "connection",
  "te",        "trailer",        "upgrade",           "expect",
  "keep-alive"};

constexpr std::array<std::string_view, 2> reserved_prefixes{"webhook-",
                                                            "proxy-"};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_token_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z')
         || std::string_view{"!#$%&'*+-.^_`|~"}.find(c)
              != std::string_view::npos;
}

bool is_value_char(char c) noexcept {
  return (c >= 0x20 && c < 0x7f) || c == '\t';
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

engine::error refused(std::string message) {
  return engine::invalid("header_not_allowed", std::move(message));
}

} // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return lower(x) == lower(y);
  });
}

engine::status check_header(std::string_view name, std::string_view value) {
  if (name.empty() || name.size() > name_bytes_max
      || !std::all_of(name.begin(), name.end(), is_token_char))
    return refused("a header name is a token of at most 128 characters");
  if (value.size() > value_bytes_max
      || !std::all_of(value.begin(), value.end(), is_value_char))
    return refused(
      "a header value is visible ASCII of at most 4096 characters");
  if (!value.empty() && (is_blank(value.front()) || is_blank(value.back())))
    return refused("a header value has no space around it");
  if (std::any_of(framing_names.begin(), framing_names.end(),
                  [name](auto known) {
                    return equals_ignoring_case(name, known);
                  }))
    return refused("this header is set by the transport itself");
  return engine::success();
}

engine::status check_custom_header(std::string_view name,
                                   std::string_view value) {
  if (auto checked = check_header(name, value); !checked)
    return checked;
  for (auto prefix : reserved_prefixes)
    if (equals_ignoring_case(name.substr(0, prefix.size()), prefix))
      return refused("headers that begin with webhook- or proxy- are reserved");
  return engine::success();
}

std::optional<long> parse_retry_after(std::string_view value, std::time_t now) {
  if (value.empty())
    return std::nullopt;
  const auto is_digit = [](char c) {
    return c >= '0' && c <= '9';
  };
  if (std::all_of(value.begin(), value.end(), is_digit)) {
    long seconds = 0;
    for (char c : value)
      seconds = std::min(seconds * 10 + (c - '0'), retry_after_max);
    return seconds;
  }
  // An HTTP-date in all of its three forms begins with the name of a day.
  if (lower(value.front()) < 'a' || lower(value.front()) > 'z')
    return std::nullopt;
  const auto at = curl_getdate(std::string{value}.c_str(), nullptr);
  if (at == -1)
    return std::nullopt;
  return static_cast<long>(
    std::clamp<std::time_t>(at - now, 0, retry_after_max));
}

} // namespace troupe::outbound
