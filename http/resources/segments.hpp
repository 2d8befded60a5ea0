// Segments, who is in them, and the jobs that look at everyone again.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> segment_routes();

} // namespace troupe::http
