// The lines of a contact's export; docs/how-to/erase-a-person.md names them.
#pragma once

#include "engine/rejected_event.hpp"
#include "http/resources/contact_views.hpp"
#include "messages/deliveries.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace troupe::http {

/// The contact itself, what it wants, where it is, what it waits for.
std::vector<boost::json::object> lines_of(const messages::contact_shown& shown,
                                          const view_context& with);

/// With the event as it came, and all that was decided.
boost::json::object line_of(const engine::turn& what, const view_context& with,
                            const std::string& tenant);

boost::json::object line_of(const messages::delivery_shown& shown,
                            const engine::id_text& ids);

boost::json::object line_of(const engine::rejected_event& of);

/// Every delivery that a turn led to.
std::vector<engine::delivery_name> deliveries_in(const engine::turn& what);

} // namespace troupe::http
