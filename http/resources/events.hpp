// `/v1/events`: the native door, and the events that came in by all doors.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> event_routes();

/// That a browser's key may send an event of this name.
engine::status check_browser(std::string_view type);

/// That the event does not say what Troupe itself says of a checklist.
/// @pre check_system_event() was good for it
/// @param pointer to its properties
engine::status check_kept(const api_context& with,
                          engine::workspace_id workspace,
                          const engine::incoming_event& event,
                          std::string_view pointer);

/// Holds what an event says to the workspace's rule for personal data.
/// @param pointer to its properties
/// @returns success, or `pii_not_allowed`
engine::status keep_personal_data_out(const api_context& with,
                                      engine::workspace_id workspace,
                                      engine::incoming_event& event,
                                      const std::string& pointer);

/// Takes an event, to be passed on with the others of this io thread.
void take_event(messages::ingest_batch::item event);

/// Passes on the events that this io thread has taken since the last call.
void pass_on_events(const api_context& with);

} // namespace troupe::http
