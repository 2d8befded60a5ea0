#include "cli/log.hpp"

#include "actors/work.hpp"
#include "engine/json_text.hpp"

#include <boost/json/object.hpp>

#include <unistd.h>

namespace troupe::cli {

void log_line(std::string_view level, std::string_view message,
              const log_fields& about) {
  const auto at = engine::to_iso8601(actors::system_time());
  std::string line;
  if (isatty(STDERR_FILENO) != 0) {
    line = at + " " + std::string{level} + " " + std::string{message};
    for (const auto& [name, value] : about)
      line += " " + std::string{name} + "=" + value;
  } else {
    boost::json::object entry;
    entry["ts"] = at;
    entry["level"] = std::string{level};
    entry["msg"] = std::string{message};
    for (const auto& [name, value] : about)
      entry[name] = value;
    line = engine::to_json(entry);
  }
  line += '\n';
  // One write, so that lines of two threads do not mix.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0)
    return; // nowhere left to say it
}

} // namespace troupe::cli
