// Every group of subcommands, each in the file of its name.
#pragma once

#include "cli/command.hpp"

namespace troupe::cli {

command config_command();
command serve_command();
command version_command();

} // namespace troupe::cli
