// A delivery as the API shows it (spec: api.md, "Delivery").
#pragma once

#include "engine/ids.hpp"
#include "messages/deliveries.hpp"

#include <boost/json/object.hpp>

namespace troupe::http {

/// With its attempts, but what they said and were answered.
boost::json::object delivery_summary(const messages::delivery_seen& seen,
                                     const engine::id_text& ids);

boost::json::object delivery_view(const messages::delivery_shown& shown,
                                  const engine::id_text& ids);

} // namespace troupe::http
