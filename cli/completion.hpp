// Completions for shells, made of the subcommands.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// A script for the shell; empty when it is not bash, zsh or fish.
std::string completion_for(std::string_view shell,
                           const std::vector<command>& all);

} // namespace troupe::cli
