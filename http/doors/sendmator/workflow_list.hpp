// Workflows as the Sendmator door shows them, and their list.
#pragma once

#include "http/visit.hpp"

#include <boost/json/object.hpp>

namespace troupe::http::sendmator {

boost::json::object workflow_view(const messages::sequence_entry& of);

/// `GET /api/v1/workflows`: in pages that are numbered.
void list_workflows(const api_context& with, visit now);

} // namespace troupe::http::sendmator
