// What contacts want to be sent: shown and chosen.
#pragma once

#include "http/visit.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace troupe::http {

/// {channel, category?, subscribed}; the channel must be known.
engine::result<engine::preference>
read_choice(const boost::json::value& from,
            const messages::workspace_catalog& known,
            const std::string& pointer);

std::vector<api_route> preference_routes();

} // namespace troupe::http
