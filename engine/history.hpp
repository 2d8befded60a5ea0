// Events that are told of long after: they come in by the door of imports. The
// contact learns from them, and they start nothing.
#pragma once

#include "engine/turn.hpp"

namespace troupe::engine {

bool is_history(const event_record& event);

/// When its event came, for those who look back: history, when it happened.
/// @pre of.event
timestamp came_at(const turn& of);

} // namespace troupe::engine
