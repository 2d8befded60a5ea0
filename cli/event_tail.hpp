// The live stream of events in a terminal.
#pragma once

#include "cli/command.hpp"

#include <string>

namespace troupe::cli {

/// Shows events of the stream until the server ends it for good; a connection
/// that breaks off is made again where it ended.
/// @returns the exit code
int tail_events(const arguments& given, const std::string& path);

} // namespace troupe::cli
