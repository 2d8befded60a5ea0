// Keys of pages and apps where they do not stand in `Authorization`.
#pragma once

#include "http/request.hpp"

#include <optional>
#include <string>

namespace troupe::http {

/// `?writeKey=`, as beacons send it, who have no fields of their own.
std::optional<std::string> write_key_in_query(const request& head);

} // namespace troupe::http
