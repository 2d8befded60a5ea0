#include "http/authentication.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace troupe::http {

namespace {

using engine::errc;
using engine::error;
using messages::scope;

std::string_view name_of(scope needed) {
  switch (needed) {
    case scope::events_write:
      return "events:write";
    case scope::events_read:
      return "events:read";
    case scope::manage:
      return "manage";
    case scope::system_emit:
      return "system:emit";
    case scope::admin:
      return "admin";
  }
  return "unknown";
}

bool is_bearer(std::string_view value) {
  constexpr std::string_view scheme = "bearer ";
  if (value.size() <= scheme.size())
    return false;
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((static_cast<unsigned char>(value[i]) | 0x20U)
        != static_cast<unsigned char>(scheme[i]))
      return false;
  return true;
}

} // namespace

std::array<std::uint8_t, 32> hash_key(std::string_view key) {
  // Fetched once: looking the digest up costs more than hashing a key.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>
    context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  std::array<std::uint8_t, 32> hash{};
  EVP_DigestInit_ex2(context.get(), sha256, nullptr);
  EVP_DigestUpdate(context.get(), key.data(), key.size());
  EVP_DigestFinal_ex(context.get(), hash.data(), nullptr);
  return hash;
}

engine::result<caller> authenticate(const request& what,
                                    const messages::catalog& known,
                                    scope needed) {
  const auto header = what.header("Authorization");
  if (!header)
    return error{errc::unauthenticated,
                 "missing_authorization_header",
                 "send the API key as `Authorization: Bearer <key>`",
                 {}};
  const error refused{
    errc::unauthenticated, "invalid_api_key", "this API key is not known", {}};
  if (what.header_count("Authorization") != 1 || !is_bearer(*header))
    return refused;
  auto key = header->substr(std::string_view{"bearer "}.size());
  while (key.starts_with(' '))
    key.remove_prefix(1);
  const auto found
    = known.keys.find(std::string{key.substr(0, key_prefix_length)});
  // An unknown prefix costs the same work as a wrong secret (A2).
  static const messages::access_key nobody{};
  const auto& candidate = found == known.keys.end() ? nobody : found->second;
  const auto hash = hash_key(key);
  const auto same
    = CRYPTO_memcmp(hash.data(), candidate.hash.data(), hash.size()) == 0;
  if (!same || found == known.keys.end())
    return refused;
  if (candidate.revoked)
    return error{
      errc::unauthenticated, "revoked_api_key", "this API key was revoked", {}};
  if ((candidate.scopes & static_cast<std::uint32_t>(needed)) == 0)
    return error{errc::forbidden,
                 "scope_required",
                 "this API key lacks the scope `" + std::string{name_of(needed)}
                   + "`",
                 {}};
  return caller{candidate.workspace, candidate.scopes};
}

} // namespace troupe::http
