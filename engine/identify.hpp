// What identities an event gives its contact (design.md 5).
#pragma once

#include "engine/interpreter.hpp"

namespace troupe::engine {

/// A free identity becomes the contact's; of a kind that a contact has one of,
/// in the place of the old one. A contact that is full gets a warning instead.
void attach(interpreter& runs, turn& out, const identity& who);

/// Attaches those of the event's identities that are free. Those of another
/// contact stay where they are, and a warning says so.
void identify(interpreter& runs, turn& out, const event_input& input);

} // namespace troupe::engine
