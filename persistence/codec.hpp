// Turns and contact states as stored bytes. Versioned; old versions stay
// readable. docs/schema.md has the layout.
#pragma once

#include "engine/contact.hpp"
#include "engine/error.hpp"
#include "engine/turn.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::persistence {

/// The payload of a turn row: all of the turn that is not in its columns
/// (workspace, contact, stamp, kind).
std::string encode_turn(const engine::turn& what);

/// @param row the columns, payload fields empty
/// @returns the whole turn, or `internal` when the bytes are damaged
engine::result<engine::turn> decode_turn(engine::turn row,
                                         std::string_view payload);

/// As decode_turn, for those who read the event alone: what it led to may be
/// left out.
engine::result<engine::turn> decode_event(engine::turn row,
                                          std::string_view payload);

std::string encode_state(const engine::contact_state& state);
engine::result<engine::contact_state> decode_state(std::string_view bytes);

/// Equal for equal states: over encode_state, which holds no caches.
std::uint64_t state_hash(const engine::contact_state& state);

} // namespace troupe::persistence
