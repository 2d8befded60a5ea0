// Who asks: API keys, their scopes, and the workspace they stand for.
#pragma once

#include "engine/error.hpp"
#include "http/dialect.hpp"
#include "http/request.hpp"
#include "messages/catalog.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::http {

/// The public beginning of every key, of whatever kind.
inline constexpr std::size_t key_prefix_length = 16;

messages::key_digest hash_key(std::string_view key);

struct key_found {
  const messages::access_key* key = nullptr; // of the catalog; when known
  /// `missing_authorization_header`, `invalid_api_key`, `revoked_api_key`
  std::optional<engine::error> refusal;
  bool is_guess = false; // a key was sent that does not exist
};

/// Reads `Authorization: Bearer <key>` or `Basic base64(<key>:)`.
credentials credentials_of(const request& what);

/// User and password of a field `Basic base64(<user>:<password>)`.
std::optional<std::pair<std::string, std::string>>
basic_of(std::string_view header);

key_found find_key(const credentials& given, const messages::catalog& known);

engine::status check_scope(const messages::access_key& key,
                           messages::scope needed);

} // namespace troupe::http
