// `/v1/track`, `/v1/batch` and their kin: one table of paths for GrowthOS and
// the Segment family. Which of the two a request is for its credential says,
// else its body (design.md 10).
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> call_routes();

} // namespace troupe::http
