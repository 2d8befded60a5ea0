// From a decided turn to the rows its commit writes, and to its receipt.
#pragma once

#include "engine/contact.hpp"
#include "engine/turn.hpp"
#include "messages/commands.hpp"
#include "persistence/rows.hpp"

namespace troupe::actors {

/// @param before the contact's state the turn was decided on
/// @param consumed_due when the inbox row it consumes was due
persistence::turn_rows rows_of(const engine::turn& decided,
                               const engine::contact_state& before,
                               engine::timestamp consumed_due);

messages::receipt receipt_of(const engine::turn& committed);

} // namespace troupe::actors
