// What is kept of one attempt of a delivery, beside its time and outcome.
#pragma once

#include "messages/outgoing_call.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Header fields as people see them: bounded, secrets masked.
boost::json::object
shown_headers(const std::vector<std::pair<std::string, std::string>>& headers);

/// {status_code?, error?, request: {headers}, response?: {headers, body},
/// timings_ms} as JSON text: bounded, and without secrets.
/// @param sent headers of the request, without those of the signature
std::string
attempt_detail(const messages::call_outcome& outcome,
               const std::vector<std::pair<std::string, std::string>>& sent);

} // namespace troupe::actors
