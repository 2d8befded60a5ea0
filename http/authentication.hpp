// Who asks: API keys, their scopes, and the workspace they stand for.
#pragma once

#include "engine/error.hpp"
#include "http/caller.hpp"
#include "http/request.hpp"
#include "messages/catalog.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::http {

/// The public beginning of a key: "tr_live_" and 8 characters.
inline constexpr std::size_t key_prefix_length = 16;

std::array<std::uint8_t, 32> hash_key(std::string_view key);

/// @returns the caller, or `missing_authorization_header`, `invalid_api_key`,
/// `revoked_api_key`, `scope_required`
engine::result<caller> authenticate(const request& what,
                                    const messages::catalog& known,
                                    messages::scope needed);

} // namespace troupe::http
