// Random ids and API keys.
#pragma once

#include "actors/definitions.hpp"

#include <string>
#include <string_view>

namespace troupe::cli {

/// "seq_" and a new ULID.
std::string new_text_id(std::string_view prefix);

/// "tr_live_", "tr_test_" or "tr_write_", at least 43 characters that nobody
/// can guess (256 bits), and a checksum of 6, so that scanners for leaked
/// secrets can tell a key from something like it.
actors::made_key new_key(engine::key_kind kind);

} // namespace troupe::cli
