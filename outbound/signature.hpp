// Signatures of what goes out: Standard Webhooks 1.0.0 (reliability.md 1.4).
// Pure functions over bytes, except the two that make a secret.
#pragma once

#include "engine/error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::outbound {

/// @returns a new signing secret: `whsec_` and 32 random bytes in base64, or
/// `internal` if the system has no randomness to give
engine::result<std::string> make_signing_secret();

/// The key bytes of a secret written `whsec_` + base64 of 24 to 64 bytes.
/// @returns the bytes, or `invalid_signing_secret`
engine::result<std::string> decode_signing_secret(std::string_view secret);

/// The three headers of one attempt. During a rotation the receiver gets one
/// signature per key, in the order given.
/// @param id the same over all attempts of a delivery; made by us, without
/// dots, because a dot separates the signed parts (W14)
/// @param unix_seconds of this attempt
/// @param keys decoded secrets, at least one
/// @returns `webhook-id`, `webhook-timestamp`, `webhook-signature`, or
/// `invalid_webhook_id` or `no_signing_secret`
engine::result<std::vector<std::pair<std::string, std::string>>>
standard_webhook_headers(std::string_view id, std::int64_t unix_seconds,
                         std::string_view body,
                         std::span<const std::string> keys);

} // namespace troupe::outbound
