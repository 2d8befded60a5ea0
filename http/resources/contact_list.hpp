// `GET /v1/contacts`, and writing one.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> contact_list_routes();
std::vector<api_route> contact_write_routes();

} // namespace troupe::http
