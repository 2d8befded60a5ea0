// What both stores make of triggers.
#pragma once

#include "persistence/rows.hpp"

namespace troupe::persistence {

/// What is in the inbox while the trigger waits: it is no contact's.
inbox_row inbox_row_of(const trigger_row& waiting);

bool is_of_trigger(const inbox_row& row);

/// What stays of the wish of one that has come to the status. What an event
/// said, and the variables of a workflow, are in turns once it does not wait.
std::string wish_left(const trigger_row& held, engine::trigger_status status);

} // namespace troupe::persistence
