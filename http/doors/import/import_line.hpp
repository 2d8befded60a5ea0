// One line of an import in Troupe's own shape: what the native door takes, what
// an export says of an event, and what a row of a table becomes.
#pragma once

#include "http/doors/door_event.hpp"

#include <string_view>

namespace troupe::http {

/// Names of members are those of the native door and its kin; properties are
/// taken as they are.
/// @param is_history then it may have happened at any time before
engine::result<messages::ingest>
read_import_line(const api_context& with, engine::workspace_id workspace,
                 std::string_view text, engine::timestamp received_at,
                 bool is_history);

} // namespace troupe::http
