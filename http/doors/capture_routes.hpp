// The paths of PostHog's and Amplitude's libraries. `/batch` is of both: its
// body says whose (design.md 10). Events only: flags, recordings and the like
// are answered as switched off.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> capture_routes();

} // namespace troupe::http
