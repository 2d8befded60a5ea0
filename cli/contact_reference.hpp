// How a contact is named in a path of the API.
#pragma once

#include "cli/client.hpp"

#include <string>

namespace troupe::cli {

/// "/v1/contacts/…" of `con_…` or "kind:value". A value with "/" in it, which
/// the server refuses in paths, is looked for and takes its `con_…` instead.
/// @returns `contact_not_found`, or what the server refused with
engine::result<std::string> contact_path(client& server,
                                         const std::string& reference);

} // namespace troupe::cli
