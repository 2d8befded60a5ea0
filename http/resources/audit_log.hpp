// `GET /v1/audit-log`: what was received and what administrators did, newest
// first (behaviours G22, G42, G74).
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> audit_routes();

} // namespace troupe::http
