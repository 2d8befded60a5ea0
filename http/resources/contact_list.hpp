// `GET /v1/contacts`, and writing one.
#pragma once

#include "http/visit.hpp"

#include <optional>
#include <vector>

namespace troupe::http {

/// Those of a page that the query asks for.
/// @param segment only who is in it; absent: as the query says
void list_contacts(const api_context& with, visit now,
                   std::optional<engine::segment_id> segment);

std::vector<api_route> contact_list_routes();
std::vector<api_route> contact_write_routes();

} // namespace troupe::http
