// Why something happened or did not, and what came of an event (X1, X12).
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> explain_routes();

} // namespace troupe::http
