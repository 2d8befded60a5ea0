// Files that hold a setting, a key or a definition.
#pragma once

#include "engine/error.hpp"

#include <cstddef>
#include <string>

namespace troupe::cli {

/// The content of a file; never waits for a pipe.
/// @returns `file_unreadable`, also when it is larger
engine::result<std::string> read_small_file(const std::string& path,
                                            std::size_t bytes_max);

} // namespace troupe::cli
