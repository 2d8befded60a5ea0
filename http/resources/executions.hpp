// `GET /v1/events/{id}/executions`
#pragma once

#include "http/visit.hpp"

namespace troupe::http {

std::vector<api_route> execution_routes();

} // namespace troupe::http
