// From the words of a command line to the subcommand that runs.
#pragma once

#include "cli/command.hpp"

#include <vector>

namespace troupe::cli {

/// Runs the subcommand that the words name, or prints the help.
/// @returns the exit code; exit_usage when the words make no sense
int run_command_line(const std::vector<command>& all, int count, char** words);

} // namespace troupe::cli
