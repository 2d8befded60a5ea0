#include "outbound/signature.hpp"

#include "engine/base64.hpp"
#include "engine/digest.hpp"

#include <openssl/rand.h>

namespace troupe::outbound {

namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t new_key_bytes = 32;
constexpr std::size_t key_bytes_min = 24;
constexpr std::size_t key_bytes_max = 64;

} // namespace

engine::result<std::string> make_signing_secret() {
  std::string key(new_key_bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()),
                 static_cast<int>(key.size()))
      != 1)
    return engine::error{
      engine::errc::internal, "no_randomness", "no random bytes available", {}};
  return std::string{secret_prefix} + engine::base64_encode(key);
}

engine::result<std::string> decode_signing_secret(std::string_view secret) {
  const auto refused = engine::invalid(
    "invalid_signing_secret",
    "a signing secret is whsec_ followed by 24 to 64 bytes in base64");
  if (!secret.starts_with(secret_prefix))
    return refused;
  auto key = engine::base64_decode(secret.substr(secret_prefix.size()));
  if (!key || key->size() < key_bytes_min || key->size() > key_bytes_max)
    return refused;
  return std::move(*key);
}

engine::result<std::vector<std::pair<std::string, std::string>>>
standard_webhook_headers(std::string_view id, std::int64_t unix_seconds,
                         std::string_view body,
                         std::span<const std::string> keys) {
  if (id.empty() || id.find('.') != std::string_view::npos)
    return engine::invalid("invalid_webhook_id",
                           "a webhook id is not empty and has no dot");
  if (keys.empty())
    return engine::invalid("no_signing_secret",
                           "an endpoint needs a signing secret");
  const auto timestamp = std::to_string(unix_seconds);
  std::string message;
  message.reserve(id.size() + timestamp.size() + body.size() + 2);
  message.append(id).append(1, '.').append(timestamp).append(1, '.');
  message.append(body);
  std::string signatures;
  for (const auto& key : keys) {
    if (!signatures.empty())
      signatures += ' ';
    signatures += "v1,";
    signatures += engine::base64_encode(engine::hmac_sha256(key, message));
  }
  return std::vector<std::pair<std::string, std::string>>{
    {"webhook-id", std::string{id}},
    {"webhook-timestamp", timestamp},
    {"webhook-signature", std::move(signatures)}};
}

} // namespace troupe::outbound
