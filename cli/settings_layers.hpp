// What the layers have in common: they set values, say where, and gather what
// is wrong. For settings_load.cpp and the files of the layers only.
#pragma once

#include "cli/settings_load.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::cli {

class settings_layers {
public:
  explicit settings_layers(loaded_settings& into);

  /// Checks, and sets in place of what a lower layer said.
  void set(std::size_t row, setting_value value, setting_origin origin);

  /// As `set`; the text is read as the setting's kind wants.
  void set_text(std::size_t row, const std::string& text,
                setting_origin origin);

  /// The value is not what is expected.
  void refuse(std::size_t row, const std::string& given,
              const setting_origin& origin, const std::string& why = {});

  void problem(std::string line);

  loaded_settings& result() {
    return into_;
  }

private:
  loaded_settings& into_;
};

/// @param must_exist a file that was asked for by name
void read_settings_file(settings_layers& into, const std::string& path,
                        bool must_exist);

void read_settings_environment(settings_layers& into,
                               const std::vector<std::string>& environment);

/// The items of a list given as text, between commas or line ends.
std::vector<std::string> split_items(std::string_view text);

} // namespace troupe::cli
