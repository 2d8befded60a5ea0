// Checklists and funnels: definitions known by a key, without versions.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> checklist_routes();
std::vector<api_route> funnel_routes();

} // namespace troupe::http
