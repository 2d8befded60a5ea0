// What the command line says about the HTTP front, as the front wants it.
#pragma once

#include "cli/settings.hpp"
#include "engine/error.hpp"
#include "http/options.hpp"

#include <string>

namespace troupe::cli {

/// @param text "127.0.0.1:8080", "[::1]:0"
/// @returns invalid_request `listen_address_invalid`
engine::result<http::listen_address> parse_listen(const std::string& text);

/// @returns invalid_request `listen_address_invalid` or `trusted_proxy_invalid`
engine::result<http::server_options> front_options(const settings& from);

} // namespace troupe::cli
