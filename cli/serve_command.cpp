#include "cli/commands.hpp"
#include "cli/log.hpp"
#include "cli/serve.hpp"
#include "cli/settings_load.hpp"

namespace troupe::cli {

command serve_command() {
  command out{"serve", "Run the server", setting_options()};
  out.examples
    = {"troupe serve", "troupe serve --config troupe.toml --log-level debug"};
  out.run = [](const arguments& given) {
    const auto load = [&given] {
      return load_settings(given, process_environment());
    };
    const auto all = load();
    set_log(all.values);
    for (const auto& each : all.problems)
      log_line(log_level::error, each);
    return all.problems.empty() ? run_serve(all, load) : exit_failure;
  };
  return out;
}

} // namespace troupe::cli
