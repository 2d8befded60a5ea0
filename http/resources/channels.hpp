// Channels that sends use: made, listed, changed, removed.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> channel_routes();

} // namespace troupe::http
