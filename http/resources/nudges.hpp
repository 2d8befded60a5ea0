// `/v1/contacts/{ref}/nudges`: what a product shows a contact inside itself.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> nudge_routes();

} // namespace troupe::http
