// The check that a receiver makes of a delivery, in each of the profiles.
#pragma once

#include "engine/error.hpp"
#include "engine/webhook_profile.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::outbound {

/// What a delivery says of itself in its headers.
struct delivery_headers {
  std::string id;
  std::string timestamp; // Unix seconds
  std::string signature; // as the profile has it; bearer: `Authorization`
};

/// Whether one of the signatures is of this secret.
/// @returns when it was made (seconds; bearer: 0), `signature_wrong`, or what
/// the secret or a header is not
engine::result<std::int64_t>
check_signature(const delivery_headers& headers, std::string_view body,
                const std::string& secret,
                engine::webhook_profile profile
                = engine::webhook_profile::standard);

} // namespace troupe::outbound
