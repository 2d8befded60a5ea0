#include "http/authentication.hpp"

#include "engine/base64.hpp"
#include "http/characters.hpp"

#include <openssl/evp.h>

#include <memory>
#include <new>
#include <string>

namespace troupe::http {

namespace {

using engine::errc;
using engine::error;

constexpr std::size_t encoded_max = 512;

// What follows the scheme and its blanks.
std::optional<std::string_view> after_scheme(std::string_view value,
                                             std::string_view scheme) {
  if (value.size() <= scheme.size() || value[scheme.size()] != ' '
      || !equal_ignoring_case(value.substr(0, scheme.size()), scheme))
    return std::nullopt;
  value.remove_prefix(scheme.size());
  while (value.starts_with(' '))
    value.remove_prefix(1);
  if (value.empty())
    return std::nullopt;
  return value;
}

} // namespace

std::optional<std::pair<std::string, std::string>>
basic_of(std::string_view header) {
  const auto token = after_scheme(header, "basic");
  if (!token)
    return std::nullopt;
  const auto decoded = token->size() <= encoded_max
                         ? engine::base64_decode(*token)
                         : std::nullopt;
  if (!decoded)
    return std::nullopt;
  const std::string_view both{*decoded};
  const auto colon = both.find(':');
  if (colon == both.npos || colon == 0)
    return std::nullopt;
  return std::pair{std::string{both.substr(0, colon)},
                   std::string{both.substr(colon + 1)}};
}

namespace {

std::optional<std::string> key_text(const request& what,
                                    std::string_view header) {
  if (what.header_count("Authorization") != 1)
    return std::nullopt;
  if (const auto token = after_scheme(header, "bearer"))
    return std::string{*token};
  const auto basic = basic_of(header);
  // The key is the user; there is no password.
  if (!basic || !basic->second.empty())
    return std::nullopt;
  return basic->first;
}

error refused(std::string name, std::string message) {
  return {errc::unauthenticated, std::move(name), std::move(message), {}};
}

} // namespace

messages::key_digest hash_key(std::string_view key) {
  // Fetched once: looking the digest up costs more than hashing a key.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>
    context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  messages::key_digest hash{};
  if (sha256 == nullptr || context == nullptr
      || EVP_DigestInit_ex2(context.get(), sha256, nullptr) != 1
      || EVP_DigestUpdate(context.get(), key.data(), key.size()) != 1
      || EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) != 1)
    throw std::bad_alloc{}; // nothing else can be missing
  return hash;
}

credentials credentials_of(const request& what) {
  const auto header = what.header("Authorization");
  if (!header)
    return {{},
            refused("missing_authorization_header",
                    "send the API key as `Authorization: Bearer <key>`")};
  auto key = key_text(what, *header);
  if (!key)
    return {{},
            refused("invalid_api_key",
                    "send one API key as `Authorization: Bearer <key>`")};
  return {std::move(*key), {}};
}

key_found find_key(const credentials& given, const messages::catalog& known) {
  const auto& key = given.key;
  if (key.empty())
    return {nullptr, given.otherwise, false};
  const auto found = known.keys.find(hash_key(key));
  if (found == known.keys.end())
    return {nullptr, refused("invalid_api_key", "this API key is not known"),
            true};
  if (found->second.revoked)
    return {&found->second,
            refused("revoked_api_key", "this API key was revoked"), false};
  return {&found->second, std::nullopt, false};
}

engine::status check_scope(const messages::access_key& key,
                           messages::scope needed) {
  if ((key.scopes & engine::bit_of(needed)) != 0)
    return engine::success();
  return error{errc::forbidden,
               "scope_required",
               "this API key lacks the scope `"
                 + std::string{engine::word_of(engine::scope_names, needed)}
                 + "`",
               {}};
}

} // namespace troupe::http
