// What people reach by the links of a message, without a key: the picture that
// says it was opened, the way on to a link's page, and unsubscribing.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> link_routes();

} // namespace troupe::http
