// Log lines of the process on stderr: JSON, one object a line, or plain text on
// a terminal. Never secrets, never what events say.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

using log_fields = std::vector<std::pair<std::string_view, std::string>>;

/// @param level "info", "warn" or "error"
void log_line(std::string_view level, std::string_view message,
              const log_fields& about = {});

} // namespace troupe::cli
