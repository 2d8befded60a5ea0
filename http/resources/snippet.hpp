// The script that tells Troupe what happens on a page: docs/browser.md.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> snippet_routes();

} // namespace troupe::http
