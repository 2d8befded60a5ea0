// Sequences: saved, published, paused, archived; their versions and runs.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> sequence_routes();

} // namespace troupe::http
