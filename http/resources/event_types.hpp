// The catalog of event types: what came in events, and what people say of it.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> event_type_routes();

} // namespace troupe::http
