// How a subcommand is used, in one line.
#pragma once

#include "cli/command.hpp"

#include <string>

namespace troupe::cli {

/// "troupe webhooks verify --id ID [OPTION ...]": what is required is named.
/// @param path the words before the subcommand's own name
std::string usage_of(const std::string& path, const command& what);

} // namespace troupe::cli
