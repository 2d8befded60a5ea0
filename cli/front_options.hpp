// What the command line says about the HTTP front, as the front wants it.
#pragma once

#include "cli/serve.hpp"
#include "engine/error.hpp"
#include "http/options.hpp"

namespace troupe::cli {

/// @returns invalid_request `listen_address_invalid` or `trusted_proxy_invalid`
engine::result<http::server_options> front_options(const serve_options& from);

} // namespace troupe::cli
