// Log lines of the process on stderr: JSON, one object a line, or plain text on
// a terminal. Never secrets, never what events say.
#pragma once

#include <string_view>

namespace troupe::cli {

/// @param level "info", "warn" or "error"
void log_line(std::string_view level, std::string_view message);

} // namespace troupe::cli
