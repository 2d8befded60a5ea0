// What a workspace defines: sequences, webhook endpoints, channels.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> definition_routes();

} // namespace troupe::http
