// The store that the settings choose.
#pragma once

#include "cli/settings.hpp"
#include "engine/error.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe::cli {

/// Whether it is in files of the data directory.
bool is_embedded(const settings& from);

struct chosen_store {
  std::unique_ptr<persistence::store> store;
  std::string kind;                  // "sqlite", "postgresql"
  std::string version;               // of the library, or of the server
  std::vector<std::string> warnings; // what is not as safe as it could be
};

engine::result<chosen_store> open_chosen_store(const settings& from);

} // namespace troupe::cli
