// What the turns of one unit take from each other: preconditions that no row
// tells of.
#pragma once

#include "persistence/rows.hpp"

#include <cstddef>

namespace troupe::persistence {

/// Whether an earlier turn of the unit sets the timer that this one fires.
bool sets_its_timer(const commit_unit& unit, std::size_t index);

/// Whether an earlier turn of the unit takes the message, the timer or the
/// trigger that this one takes.
bool takes_its_input(const commit_unit& unit, std::size_t index);

} // namespace troupe::persistence
