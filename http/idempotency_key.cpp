#include "http/idempotency_key.hpp"

#include "engine/unicode.hpp"

#include <xxhash.h>

#include <algorithm>

namespace troupe::http {

namespace {

// Of UTF-8: bytes that begin one.
std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

} // namespace

bool is_idempotency_key(std::string_view text) {
  return !text.empty() && !engine::has_control(text)
         && characters_of(text) <= idempotency_key_max;
}

engine::result<std::optional<std::string_view>>
idempotency_key_of(const request& what) {
  auto key = what.header("Idempotency-Key");
  if (!key)
    return std::optional<std::string_view>{};
  if (key->size() >= 2 && key->front() == '"' && key->back() == '"')
    key = key->substr(1, key->size() - 2);
  if (what.header_count("Idempotency-Key") != 1 || !is_idempotency_key(*key))
    return engine::invalid("idempotency_key_invalid",
                           "send one Idempotency-Key of 1 to 200 characters "
                           "of UTF-8, none of them a control character",
                           {});
  return key;
}

engine::idempotency idempotency_of(std::string_view key, key_scope scope,
                                   engine::workspace_id workspace,
                                   std::uint64_t fingerprint) {
  const auto seed
    = static_cast<std::uint64_t>(scope) << 32 | engine::number(workspace);
  const auto hash = XXH3_128bits_withSeed(key.data(), key.size(), seed);
  return {hash.high64, hash.low64, fingerprint};
}

} // namespace troupe::http
