// Webhook endpoints: made, listed, changed, removed; their secrets rotated;
// tried out.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> webhook_routes();

} // namespace troupe::http
