// Copies of the embedded store: made while a server writes to it, looked
// through, and put where a server can go on from them.
#pragma once

#include "engine/error.hpp"
#include "persistence/copy_facts.hpp"
#include "persistence/sqlite/writer.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe::persistence::sqlite {

/// Writes the store in `directory`, as it is at one moment, to `file`, which is
/// not there yet (mode 0600, not synced). Reads only: whoever writes goes on,
/// and its log grows meanwhile.
engine::status copy_store(const std::string& directory,
                          const std::string& file);

/// @pre nobody writes to the file
engine::result<copy_facts> facts_of(const std::string& file);

/// What was looked at, and what should not be.
struct examination {
  std::uint64_t contacts = 0;
  std::uint64_t turns = 0;
  std::vector<std::string> faults;
};

/// Looks whether the file is whole, whether its tables agree, and whether each
/// contact's turns, applied from nothing, give what is kept of it.
/// @pre nobody writes to the file
engine::result<examination> examine(const std::string& file);

/// A data directory that is being filled. Nobody serves it meanwhile, and it
/// has no store before finish().
class restored_directory {
public:
  /// Makes the directory when it is missing. @returns `target_not_empty`
  static engine::result<restored_directory> begin(const std::string& path);

  /// Where the store's file is to be written.
  [[nodiscard]] std::string file() const;

  /// @pre the file is written and synced
  engine::status finish();

private:
  restored_directory(directory_lock lock, std::string path)
    : lock_{std::move(lock)}, path_{std::move(path)} {}

  [[nodiscard]] bool give_away() const;

  directory_lock lock_;
  std::string path_;
};

} // namespace troupe::persistence::sqlite
