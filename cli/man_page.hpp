// The manual page, made of the subcommands.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// In the language of man(7).
std::string man_page(const std::vector<command>& all);

} // namespace troupe::cli
