#include "outbound/webhook_headers.hpp"

#include "engine/digest.hpp"
#include "outbound/signature.hpp"

namespace troupe::outbound {

namespace {

using header_list = std::vector<std::pair<std::string, std::string>>;
using engine::webhook_profile;

// The vendors' key is the secret's text as it is, `whsec_` included.
std::string signature_of(std::string_view secret, std::string_view timestamp,
                         std::string_view body) {
  std::string message{timestamp};
  message.append(1, '.').append(body);
  return engine::to_hex(engine::hmac_sha256(secret, message));
}

std::string seconds_text(const webhook_facts& facts) {
  return std::to_string(
    std::chrono::floor<std::chrono::seconds>(facts.unix_time).count());
}

// "t=…,v1=…,v1=…": one for each secret.
std::string list_of_signatures(const std::string& timestamp,
                               std::string_view body,
                               std::span<const std::string> secrets) {
  auto out = "t=" + timestamp;
  for (const auto& secret : secrets)
    out += ",v1=" + signature_of(secret, timestamp, body);
  return out;
}

engine::result<header_list> standard(const webhook_facts& facts,
                                     std::span<const std::string> secrets) {
  std::vector<std::string> keys;
  for (const auto& secret : secrets) {
    auto key = decode_signing_secret(secret);
    if (!key)
      return key.failure();
    keys.push_back(std::move(*key));
  }
  const auto at = std::chrono::floor<std::chrono::seconds>(facts.unix_time);
  return standard_webhook_headers(facts.id, at.count(), facts.body, keys);
}

} // namespace

engine::result<header_list>
webhook_headers(engine::webhook_profile profile, const webhook_facts& facts,
                std::span<const std::string> secrets) {
  if (secrets.empty())
    return engine::invalid("no_signing_secret",
                           "an endpoint needs a signing secret");
  header_list out{{"webhook-id", std::string{facts.id}}};
  switch (profile) {
    case webhook_profile::standard:
      break;
    case webhook_profile::genie: {
      const auto at = std::to_string(facts.unix_time.count());
      out.emplace_back("mailgenius-delivery-id", facts.id);
      out.emplace_back("mailgenius-timestamp", at);
      out.emplace_back("mailgenius-signature",
                       list_of_signatures(at, facts.body, secrets));
      return out;
    }
    case webhook_profile::genie_sdk:
      out.emplace_back(
        "x-genieos-signature",
        list_of_signatures(seconds_text(facts), facts.body, secrets));
      return out;
    case webhook_profile::growthos: {
      const auto at = seconds_text(facts);
      out.emplace_back("x-growthos-timestamp", at);
      out.emplace_back("x-growthos-signature",
                       signature_of(secrets.front(), at, facts.body));
      if (secrets.size() > 1)
        out.emplace_back("x-growthos-signature-previous",
                         signature_of(secrets[1], at, facts.body));
      return out;
    }
    case webhook_profile::bearer:
      out.emplace_back("authorization", "Bearer " + secrets.front());
      return out;
  }
  return standard(facts, secrets);
}

} // namespace troupe::outbound
