// `troupe webhooks verify`, and the check that it makes.
#pragma once

#include "cli/command.hpp"
#include "engine/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::cli {

/// What a delivery says of itself in its headers.
struct delivery_headers {
  std::string id;
  std::string timestamp; // Unix seconds
  std::string signature; // "v1,…", several with blanks between
};

/// Whether one of the signatures is of this secret (Standard Webhooks 1.0.0).
/// @returns `signature_wrong`, or what the secret is not
engine::status check_signature(const delivery_headers& headers,
                               std::string_view body, std::string_view secret);

int verify_webhook(const arguments& given);

} // namespace troupe::cli
