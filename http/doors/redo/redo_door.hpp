// `/v2.2/stores/{store}/events`: the Redo door.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> redo_routes();

} // namespace troupe::http
