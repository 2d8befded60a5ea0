#include "cli/webhook_verifier.hpp"

#include "cli/client.hpp"
#include "cli/json_members.hpp"
#include "cli/output.hpp"
#include "cli/small_file.hpp"
#include "outbound/webhook_check.hpp"

#include <chrono>
#include <cstdio>
#include <iostream>
#include <iterator>

namespace troupe::cli {

namespace {

using engine::webhook_profile;

constexpr std::size_t secret_bytes_max = 1024;
constexpr std::size_t body_bytes_max = 16 * 1024 * 1024;
// How old a delivery may be before it could be one that somebody kept.
constexpr std::int64_t age_max = 300; // seconds

} // namespace

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
  const auto profile
    = engine::find_word(engine::webhook_profile_names, given.text("--profile"))
        .value_or(webhook_profile::standard);
  const outbound::delivery_headers headers{
    given.text("--id"), given.text("--timestamp"), given.text("--signature")};
  boost::json::object shown{{"file", given.text("--body", "-")}};
  const auto good = outbound::check_signature(headers, body, *secret, profile);
  if (!good) {
    shown["result"] = "refused";
    shown["problem"] = as_json(good.failure());
    if (!is_table(given))
      print_object(given, shown);
    return report(good.failure());
  }
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                     std::chrono::system_clock::now().time_since_epoch())
                     .count();
  const auto is_timed = profile != webhook_profile::bearer;
  const auto age = is_timed ? now - *good : 0;
  if (!is_table(given)) {
    shown["result"] = "good";
    if (is_timed)
      shown["age_seconds"] = age;
    print_object(given, shown);
    return exit_success;
  }
  if (!is_timed) {
    std::printf("the secret is good; it signs no body\n");
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
