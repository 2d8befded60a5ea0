// Where a turn leaves the runs it touches, as the store's rows say it.
#pragma once

#include "engine/contact.hpp"
#include "persistence/rows.hpp"

#include <vector>

namespace troupe::persistence {

/// One row per run that is somewhere else, or something else, after the turn.
std::vector<turn_rows::run_place>
places_of(const engine::turn& decided, const engine::contact_state& before);

/// The paused sequence that the turn's timer waits for; 0: none.
sequence_id held_for(const engine::turn& decided);

} // namespace troupe::persistence
