// The settings in layers: defaults < file < environment < flags.
#pragma once

#include "cli/command.hpp"
#include "cli/settings.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

enum class layer : std::uint8_t { built_in, file, environment, flag };

/// "default", "file", "environment", "flag"
std::string_view name_of(layer which);

/// Which layer set a value, and where in it: "troupe.toml:3:1",
/// "TROUPE_SERVER_LISTEN", "--listen".
struct setting_origin {
  layer from = layer::built_in;
  std::string where = {};
};

struct loaded_settings {
  settings values;
  std::vector<setting_origin> origins; // one per row of the table
  std::string file;                    // empty: none was read
  std::vector<std::string> problems;   // all of them, a line each
};

/// The flags of the table, and --config: what `serve` and `config` take.
std::vector<option> setting_options();

/// @param environment "NAME=value" each
loaded_settings load_settings(const arguments& flags,
                              const std::vector<std::string>& environment);

/// That of this process.
std::vector<std::string> process_environment();

} // namespace troupe::cli
