// What a backup says of itself. manifest.json describes the copy and its files,
// SHA256SUMS has the checksums of all of them, as sha256sum reads it.
#pragma once

#include "cli/backup_files.hpp"
#include "engine/error.hpp"
#include "persistence/copy_facts.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

inline constexpr auto embedded_copy = "troupe.db";
inline constexpr auto database_copy = "troupe.dump";
inline constexpr auto key_copy = "first-key";

struct backup_manifest {
  std::string troupe;     // the version that made it
  std::string store;      // "sqlite", "postgresql"
  std::string created_at; // everything acknowledged before then is in it
  int dumped_by = 0;      // the major version of pg_dump
  persistence::copy_facts facts;
  std::vector<file_sum> files; // the first is the copy

  [[nodiscard]] bool is_embedded() const {
    return store == "sqlite";
  }

  /// Null when there is none.
  [[nodiscard]] const file_sum* find(std::string_view name) const;
};

/// Writes both files into the directory of the copy.
engine::status write_manifest(const std::string& directory,
                              const backup_manifest& what);

/// @returns `backup_unreadable` when it is no backup, or one of a later form;
/// `backup_damaged` when the two files do not agree
engine::result<backup_manifest> read_manifest(const std::string& directory);

} // namespace troupe::cli
