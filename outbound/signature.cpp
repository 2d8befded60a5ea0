#include "outbound/signature.hpp"

#include "engine/base64.hpp"

#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace troupe::outbound {

namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t new_key_bytes = 32;
constexpr std::size_t key_bytes_min = 24;
constexpr std::size_t key_bytes_max = 64;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

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

std::array<std::uint8_t, 32> hmac_sha256(std::string_view key,
                                         std::string_view message) {
  std::array<std::uint8_t, 32> digest{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       bytes_of(message), message.size(), digest.data(), nullptr);
  return digest;
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
    const auto digest = hmac_sha256(key, message);
    if (!signatures.empty())
      signatures += ' ';
    signatures += "v1,";
    signatures += engine::base64_encode(
      {reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  return std::vector<std::pair<std::string, std::string>>{
    {"webhook-id", std::string{id}},
    {"webhook-timestamp", timestamp},
    {"webhook-signature", std::move(signatures)}};
}

} // namespace troupe::outbound
