// What an empty store is given: a workspace, its first key, its channels.
#pragma once

#include "engine/error.hpp"
#include "persistence/store.hpp"

#include <string>
#include <string_view>

namespace troupe::cli {

/// "seq_" and a new ULID.
std::string new_text_id(std::string_view prefix);

/// Makes workspace `default` and a key with every scope if there is none.
/// @returns the key, or an empty text when the store had a workspace
engine::result<std::string> prepare_empty_store(persistence::store& store);

/// Writes the key with mode 0600, never through a link.
engine::status write_key_file(const std::string& path, const std::string& key);

} // namespace troupe::cli
