// What went out by a turn, as its entry in a timeline shows it (behaviour R5).
#pragma once

#include "engine/turn.hpp"
#include "http/resources/contact_views.hpp"

#include <boost/json/array.hpp>

namespace troupe::http {

/// What of the turn went to webhooks and over channels, each with the id that
/// `GET /v1/deliveries/{id}` shows it by.
boost::json::array deliveries_of(const engine::turn& what,
                                 const view_context& with);

} // namespace troupe::http
