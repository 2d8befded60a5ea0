// The API's description and the page that shows it.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> documentation_routes();

} // namespace troupe::http
