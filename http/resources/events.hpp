// `/v1/events`: the native door, and the events that came in by all doors.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> event_routes();

/// That a browser's key may send an event of this name.
engine::status check_browser(std::string_view type);

/// Takes an event, to be passed on with the others of this io thread.
void take_event(messages::ingest_batch::item event);

/// Takes events that must be applied in their order.
void take_chain(messages::ingest_batch::chain events);

/// Passes on the events that this io thread has taken since the last call.
void pass_on_events(const api_context& with);

} // namespace troupe::http
