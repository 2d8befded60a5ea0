// How far an import has come, kept beside its file, so that one that was ended
// goes on where it was.
#pragma once

#include "engine/error.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::cli {

struct import_counts {
  std::uint64_t lines = 0; // that hold an event
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;
};

struct import_state {
  std::string file_mark;     // of what the file begins with
  std::string what;          // server and options
  std::uint64_t offset = 0;  // of the unpacked text: the next record
  std::uint64_t number = 1;  // of the next record
  std::string rejects_file;  // its whole path; empty: there is none
  std::uint64_t rejects = 0; // its bytes
  import_counts counts;
};

/// "<file>.troupe-import"
std::string state_file_of(const std::string& file);

/// @returns nothing when there is none; `state_unreadable`
engine::result<std::optional<import_state>>
read_import_state(const std::string& file);

/// Whether it can be written. @returns `file_unwritable`
engine::status try_import_state(const std::string& file);

/// Replaces it as a whole. @returns `file_unwritable`
engine::status write_import_state(const std::string& file,
                                  const import_state& state);

} // namespace troupe::cli
