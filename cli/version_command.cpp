#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/version.hpp"

#include <boost/json/object.hpp>

#include <cstdio>

namespace troupe::cli {

std::string version_line() {
  return "troupe " + std::string{version.number} + " ("
         + std::string{version.commit} + ", " + std::string{version.date} + ")";
}

command version_command() {
  command out{"version", "Say which version this is"};
  out.options = {output_option(), {"--json", "", "as --output json"}};
  out.examples = {"troupe version", "troupe version --output json"};
  out.run = [](const arguments& given) {
    const auto text = [](std::string_view part) {
      return boost::json::string_view{part.data(), part.size()};
    };
    const boost::json::object all{{"version", text(version.number)},
                                  {"commit", text(version.commit)},
                                  {"date", text(version.date)}};
    if (given.is_set("--json"))
      std::puts(pretty(all).c_str());
    else if (is_table(given))
      std::puts(version_line().c_str());
    else
      print_object(given, all);
    return exit_success;
  };
  return out;
}

} // namespace troupe::cli
