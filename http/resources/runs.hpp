// What people do to runs (G77): enrol a contact, move, pause, resume or end a
// run. Each is a turn of the contact, with the reason given.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> run_routes();

} // namespace troupe::http
