// What contacts want to be sent: shown and chosen.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> preference_routes();

} // namespace troupe::http
