// Files of a backup: each written durably, readable by its owner alone, and
// known by its checksum.
#pragma once

#include "engine/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::cli {

struct file_sum {
  std::string name; // in its directory
  std::uint64_t bytes = 0;
  std::string sha256; // hexadecimal
};

/// Reads all of a file of a directory, and has the disk keep it.
/// @returns `file_unreadable`
engine::result<file_sum> sum_of(const std::string& directory,
                                const std::string& name);

/// Copies a file to one that is not there, and has the disk keep it.
/// @returns the sum of what was written; `file_unreadable`, `file_unwritable`
engine::result<file_sum> copy_file(const std::string& from,
                                   const std::string& to);

/// The same with a text.
engine::status write_file(const std::string& to, std::string_view text);

std::string sha256_of(std::string_view text);

/// A directory that gets its name when all in it is whole; what is not is
/// removed.
class fresh_directory {
public:
  /// @returns `backup_exists`, `file_unwritable`
  static engine::result<fresh_directory> make(std::string path);
  fresh_directory(fresh_directory&& other) noexcept;
  fresh_directory& operator=(fresh_directory&& other) = delete;
  ~fresh_directory();

  /// Where it is as yet.
  [[nodiscard]] const std::string& path() const noexcept {
    return fresh_;
  }

  /// @pre its files are synced
  engine::status finish();

private:
  fresh_directory(std::string path, std::string fresh)
    : path_{std::move(path)}, fresh_{std::move(fresh)} {}

  std::string path_;
  std::string fresh_; // empty: it has its name, or is another object's
};

} // namespace troupe::cli
