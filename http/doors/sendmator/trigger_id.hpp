// The UUIDs of triggers.
#pragma once

#include "engine/ids.hpp"
#include "messages/commands.hpp"

#include <string>

namespace troupe::http::sendmator {

/// Of an event that happened: it needs no row.
std::string trigger_of(const messages::receipt& done,
                       const engine::id_text& ids);

/// A new one that is no turn.
engine::inbox_id new_trigger(const engine::id_text& ids,
                             engine::workspace_id workspace,
                             engine::timestamp now,
                             engine::trigger_name::kind what);

} // namespace troupe::http::sendmator
