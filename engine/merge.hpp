// Which contacts an event makes one, and what the survivor takes over
// (design.md 5).
#pragma once

#include "engine/contact.hpp"
#include "engine/identity.hpp"
#include "engine/turn.hpp"

#include <optional>
#include <span>
#include <vector>

namespace troupe::engine {

/// Kinds of which a contact has one: a new value takes the place of the old.
constexpr bool is_single(identity_kind kind) {
  return kind != identity_kind::anonymous_id;
}

/// True when the contact can take one more identity of the kind.
bool has_room(const contact_state& state, identity_kind kind);

/// True for the contact's own id and those of all it absorbed.
bool is_known_as(const contact_state& state, contact_id id);

/// Where an event goes, and who becomes part of that contact first.
struct meeting {
  contact_id goes_to{};             // 0: a new contact
  std::vector<contact_id> absorbed; // in this order
};

/// The contacts of an event's identities, taken one after the other: one
/// without external_id joins; one with an external_id joins only as long as
/// neither the event nor who joined before has one, and stays apart else. The
/// survivor is the one with an external_id, else the oldest; it absorbs the
/// others, the oldest first. When nobody knows the primary identity the
/// survivor adopts it: there is a new contact only when nobody joins.
/// @param owners one per identity of the event, the primary one first
meeting meet(std::span<const identity_owner> owners);

/// Who must stay apart because the survivor would hold too much: never the
/// owner of the primary identity. Nothing when all fit.
/// @param parties the survivor, then those it absorbs, in order
std::optional<contact_id> too_many(std::span<const contact_state> parties,
                                   const identity_owner& primary);

/// Records in `out` all that `state` takes over. @returns the state after it
contact_state take_over(turn& out, contact_state state,
                        const contact_state& absorbed);

} // namespace troupe::engine
