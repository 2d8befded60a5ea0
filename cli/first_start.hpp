// What an empty store is given: a workspace, its first key, its channels.
#pragma once

#include "engine/error.hpp"
#include "persistence/store.hpp"

#include <string>

namespace troupe::cli {

/// Makes workspace `default` and a key with every scope if there is no key. The
/// key is written to `key_file` (mode 0600, never through a link; empty: no
/// file) before it is stored, so that it cannot be lost.
/// @returns the key, or an empty text when the store had one
engine::result<std::string> prepare_empty_store(persistence::store& store,
                                                const std::string& key_file);

} // namespace troupe::cli
