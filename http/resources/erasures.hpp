// `DELETE /v1/contacts/{ref}?mode=erase`, and what is kept of it.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> erasure_routes();

} // namespace troupe::http
