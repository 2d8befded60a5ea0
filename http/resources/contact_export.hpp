// `GET /v1/contacts/{ref}/export`: all that is kept about a contact, a line of
// JSON each, the newest first; the last line says that it is whole.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> contact_export_routes();

} // namespace troupe::http
