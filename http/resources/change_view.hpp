// One change of a contact as its timeline shows it.
#pragma once

#include "http/resources/contact_views.hpp"

#include <boost/json/object.hpp>

namespace troupe::http {

/// Named by its first member: {"tag_added": "vip"}, …
/// @param of the turn that made it
boost::json::object change_view(const engine::change& what,
                                const engine::turn& of,
                                const view_context& with);

} // namespace troupe::http
