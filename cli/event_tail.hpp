// The live stream of events in a terminal.
#pragma once

#include "cli/command.hpp"

#include <string>

namespace troupe::cli {

/// Shows events of the stream until it is refused (4xx); one that breaks off,
/// or that the server cannot give now (5xx), is asked for again where it ended.
/// @returns the exit code
int tail_events(const arguments& given, const std::string& path);

} // namespace troupe::cli
