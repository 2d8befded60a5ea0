// The rows of the inbox that are of triggers.
#pragma once

#include "persistence/rows.hpp"

namespace troupe::persistence {

/// What is in the inbox while the trigger waits: it is no contact's.
inbox_row inbox_row_of(const trigger_row& waiting);

bool is_of_trigger(const inbox_row& row);

} // namespace troupe::persistence
