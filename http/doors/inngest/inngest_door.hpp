// `/e/{key}`: events as Inngest's `send()` sends them.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> inngest_routes();

} // namespace troupe::http
