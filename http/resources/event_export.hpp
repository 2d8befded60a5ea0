// `GET /v1/events/export`: all events, the oldest first, a line each, as
// `POST /v1/events/import` takes them.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> export_routes();

} // namespace troupe::http
