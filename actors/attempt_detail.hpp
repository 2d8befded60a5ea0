// What is kept of one attempt of a delivery, beside its time and outcome.
#pragma once

#include "messages/outgoing_call.hpp"

#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// {status_code?, error?, request: {headers}, response?: {headers, body},
/// timings_ms} as JSON text: bounded, and without secrets.
/// @param sent headers of the request, without those of the signature
std::string
attempt_detail(const messages::call_outcome& outcome,
               const std::vector<std::pair<std::string, std::string>>& sent);

} // namespace troupe::actors
