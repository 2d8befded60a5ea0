// What sends say: templates, their versions, and previews of them.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> template_routes();

/// POST /v1/templates/preview
void preview_template(const api_context& with, visit now);

} // namespace troupe::http
