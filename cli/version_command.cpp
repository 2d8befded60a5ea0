#include "cli/commands.hpp"
#include "cli/version.hpp"
#include "engine/json_text.hpp"

#include <boost/json/object.hpp>

#include <cstdio>

namespace troupe::cli {

std::string version_line() {
  return "troupe " + std::string{version.number} + " ("
         + std::string{version.commit} + ", " + std::string{version.date} + ")";
}

command version_command() {
  command out{"version", "Say which version this is"};
  out.options = {{"--json", "", "as one JSON object"}};
  out.run = [](const arguments& given) {
    const auto text = [](std::string_view part) {
      return boost::json::string_view{part.data(), part.size()};
    };
    const boost::json::object all{{"version", text(version.number)},
                                  {"commit", text(version.commit)},
                                  {"date", text(version.date)}};
    std::puts(given.is_set("--json") ? engine::to_json(all).c_str()
                                     : version_line().c_str());
    return exit_success;
  };
  return out;
}

} // namespace troupe::cli
