// `POST /v1/events/import`: events of long ago, a line each. They enter what is
// known of a contact and start nothing unless asked.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> import_routes();

} // namespace troupe::http
