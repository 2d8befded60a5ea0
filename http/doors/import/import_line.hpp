// One line of an import in Troupe's own shape: what the native door takes, what
// an export says of an event, and what a row of a table becomes.
#pragma once

#include "http/doors/loose_event.hpp"

#include <string_view>

namespace troupe::http {

/// Names of members are those of the native door and its kin; properties are
/// taken as they are.
engine::result<messages::ingest> read_import_line(const api_context& with,
                                                  std::string_view text,
                                                  const event_setting& as);

} // namespace troupe::http
