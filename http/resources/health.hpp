// `/healthz`, `/readyz` and `/`: open to everyone.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> health_routes();

} // namespace troupe::http
