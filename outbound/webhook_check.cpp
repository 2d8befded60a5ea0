#include "outbound/webhook_check.hpp"

#include "outbound/webhook_headers.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <span>
#include <vector>

namespace troupe::outbound {

namespace {

using engine::invalid;
using engine::webhook_profile;

constexpr std::int64_t timestamp_max = 1'000'000'000'000'000;

engine::result<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto read
    = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc{}
      || read.ptr != text.data() + text.size() || number < 0
      || number > timestamp_max)
    return invalid("timestamp_invalid",
                   "a timestamp is a whole number since 1970, in the unit of "
                   "the profile");
  return number;
}

// Parts between separators, without those that do not begin so.
std::vector<std::string_view> parts_of(std::string_view text, char separator,
                                       std::string_view beginning) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (const auto each = text.substr(0, end); each.starts_with(beginning))
      out.push_back(each.substr(beginning.size()));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool is_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size()
         && CRYPTO_memcmp(a.data(), b.data(), b.size()) == 0;
}

bool is_t_list(webhook_profile profile) {
  return profile == webhook_profile::genie
         || profile == webhook_profile::genie_sdk;
}

// Unix milliseconds of what is signed.
engine::result<std::int64_t> time_of(const delivery_headers& headers,
                                     webhook_profile profile) {
  if (profile == webhook_profile::bearer)
    return 0;
  auto text = std::string_view{headers.timestamp};
  if (is_t_list(profile)) {
    const auto given = parts_of(headers.signature, ',', "t=");
    text = given.empty() ? std::string_view{} : given.front();
  }
  const auto number = number_of(text);
  if (!number)
    return number.failure();
  return profile == webhook_profile::genie ? *number : *number * 1000;
}

std::string_view signature_header(webhook_profile profile) {
  switch (profile) {
    case webhook_profile::genie:
      return "mailgenius-signature";
    case webhook_profile::genie_sdk:
      return "x-genieos-signature";
    case webhook_profile::growthos:
      return "x-growthos-signature";
    case webhook_profile::bearer:
      return "authorization";
    case webhook_profile::standard:
      break;
  }
  return "webhook-signature";
}

// What has to be among the signatures, and these.
bool holds(std::string_view given, std::string_view wanted,
           webhook_profile profile) {
  if (profile == webhook_profile::growthos
      || profile == webhook_profile::bearer)
    return is_equal(given, wanted);
  const auto is_list = is_t_list(profile);
  const auto all = parts_of(given, is_list ? ',' : ' ', is_list ? "v1=" : "");
  const auto one = is_list ? parts_of(wanted, ',', "v1=").at(0) : wanted;
  return std::any_of(all.begin(), all.end(), [one](std::string_view each) {
    return is_equal(each, one);
  });
}

} // namespace

engine::result<std::int64_t> check_signature(const delivery_headers& headers,
                                             std::string_view body,
                                             const std::string& secret,
                                             webhook_profile profile) {
  const auto at = time_of(headers, profile);
  if (!at)
    return at.failure();
  const auto made = webhook_headers(
    profile, {headers.id, std::chrono::milliseconds{*at}, body},
    std::span{&secret, 1});
  if (!made)
    return made.failure();
  for (const auto& [name, value] : *made)
    if (name == signature_header(profile)
        && holds(headers.signature, value, profile))
      return *at / 1000;
  return invalid("signature_wrong",
                 "no signature is of this secret, id, timestamp and body; the "
                 "body must be the bytes as they came");
}

} // namespace troupe::outbound
