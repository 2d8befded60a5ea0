#include "cli/webhook_verifier.hpp"

#include "cli/client.hpp"
#include "cli/output.hpp"
#include "cli/small_file.hpp"
#include "outbound/signature.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <iterator>

namespace troupe::cli {

namespace {

using engine::invalid;

constexpr std::size_t secret_bytes_max = 1024;
constexpr std::size_t body_bytes_max = 16 * 1024 * 1024;
// How old a delivery may be before it could be one that somebody kept.
constexpr std::int64_t age_max = 300; // seconds

engine::result<std::int64_t> seconds_of(const std::string& text) {
  std::int64_t seconds = 0;
  const auto read
    = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || read.ec != std::errc{}
      || read.ptr != text.data() + text.size())
    return invalid("timestamp_invalid",
                   "webhook-timestamp is a number of seconds since 1970");
  return seconds;
}

bool holds(std::string_view signatures, std::string_view wanted) {
  while (!signatures.empty()) {
    const auto end = std::min(signatures.find(' '), signatures.size());
    const auto each = signatures.substr(0, end);
    if (each.size() == wanted.size()
        && CRYPTO_memcmp(each.data(), wanted.data(), wanted.size()) == 0)
      return true;
    signatures.remove_prefix(std::min(end + 1, signatures.size()));
  }
  return false;
}

} // namespace

engine::status check_signature(const delivery_headers& headers,
                               std::string_view body, std::string_view secret) {
  const auto key = outbound::decode_signing_secret(secret);
  if (!key)
    return key.failure();
  const auto seconds = seconds_of(headers.timestamp);
  if (!seconds)
    return seconds.failure();
  const auto made = outbound::standard_webhook_headers(
    headers.id, *seconds, body, std::span{&*key, 1});
  if (!made)
    return made.failure();
  for (const auto& [name, value] : *made)
    if (name == "webhook-signature" && holds(headers.signature, value))
      return engine::success();
  return invalid("signature_wrong",
                 "no signature is of this secret, id, timestamp and body; the "
                 "body must be the bytes as they came");
}

int verify_webhook(const arguments& given) {
  auto secret = read_small_file(given.text("--secret-file"), secret_bytes_max);
  if (!secret)
    return report(secret.failure());
  secret->erase(secret->find_last_not_of("\r\n") + 1);
  std::string body;
  if (const auto file = given.text("--body", "-"); file == "-") {
    body.assign(std::istreambuf_iterator<char>{std::cin}, {});
  } else {
    auto content = read_small_file(file, body_bytes_max);
    if (!content)
      return report(content.failure());
    body = std::move(*content);
  }
  const delivery_headers headers{given.text("--id"), given.text("--timestamp"),
                                 given.text("--signature")};
  boost::json::object shown{{"file", given.text("--body", "-")}};
  if (const auto good = check_signature(headers, body, *secret); !good) {
    shown["result"] = "refused";
    shown["problem"] = as_json(good.failure());
    if (!is_table(given))
      print_object(given, shown);
    return report(good.failure());
  }
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                     std::chrono::system_clock::now().time_since_epoch())
                     .count();
  const auto age = now - *seconds_of(headers.timestamp);
  if (!is_table(given)) {
    shown["result"] = "good";
    shown["age_seconds"] = age;
    print_object(given, shown);
    return exit_success;
  }
  std::printf("the signature is good; it is %lld s old%s\n",
              static_cast<long long>(age),
              std::abs(age) > age_max
                ? ", and a receiver should refuse what is older than 300 s"
                : "");
  return exit_success;
}

} // namespace troupe::cli
