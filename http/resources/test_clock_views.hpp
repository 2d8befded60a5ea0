// What happened when a test clock was moved, and what was kept meanwhile.
#pragma once

#include "http/resources/contact_views.hpp"
#include "messages/test_clock.hpp"

#include <boost/json/object.hpp>

namespace troupe::http {

boost::json::object moved_view(const messages::test_clock_moved& done,
                               const view_context& with);

boost::json::object kept_view(const messages::kept_delivery& kept,
                              const view_context& with);

} // namespace troupe::http
