// Opens the embedded store.
#pragma once

#include "persistence/store.hpp"

#include <memory>
#include <string>

namespace troupe::persistence::sqlite {

/// Opens or makes the store in `directory`, which is created when missing
/// (mode 0700). Fails when another process has it, or when the files are
/// damaged.
engine::result<std::unique_ptr<store>> open_store(const std::string& directory,
                                                  timestamp now);

/// "3.40.1": print it at start (reliability.md 0.2).
std::string library_version();

} // namespace troupe::persistence::sqlite
