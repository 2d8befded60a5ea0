// How a log line looks. A value cannot end its line, move a terminal's cursor
// or turn the direction of reading: what is not visible is escaped (L1).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

using log_fields = std::vector<std::pair<std::string_view, std::string>>;

enum class log_level : unsigned char { debug, info, warn, error };

/// "debug"
std::string_view name_of(log_level which);

struct log_entry {
  std::string_view at; // RFC 3339, UTC
  log_level level = log_level::info;
  std::string_view message;
  const log_fields& about;
};

/// One JSON object and a line end.
std::string as_json_line(const log_entry& entry);

/// Time, level, message and `name=value`, and a line end.
std::string as_text_line(const log_entry& entry, bool is_coloured);

} // namespace troupe::cli
