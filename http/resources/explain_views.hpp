// Explanations and the tree of an event's effects as JSON.
#pragma once

#include "engine/explain.hpp"
#include "http/resources/contact_views.hpp"
#include "messages/explain.hpp"

#include <boost/json/object.hpp>

namespace troupe::http {

engine::known_sequence known_sequence_of(const messages::sequence_entry& entry);

boost::json::object check_view(const engine::explained_check& what);

/// @param came null: the contact has had no event
boost::json::object explanation_view(const engine::explanation& about,
                                     const engine::turn* came,
                                     const messages::sequence_entry& sequence,
                                     engine::workspace_id whose,
                                     const view_context& with);

/// Whether the event went to the endpoint, and why not.
/// @pre found.turn
boost::json::object webhook_view(const messages::decision_found& found,
                                 const messages::endpoint_entry& endpoint,
                                 const view_context& with);

/// {event, effects, ended, truncated}
boost::json::object trace_view(const messages::trace_found& found,
                               const view_context& with);

} // namespace troupe::http
