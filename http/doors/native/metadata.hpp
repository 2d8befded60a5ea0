// The rules of metadata (G37–G41).
#pragma once

#include "engine/error.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace troupe::http::native {

/// Keys in snake_case at every depth; values text, number, boolean, lists of
/// those, or objects of the same.
/// @param pointer to the metadata within the body
engine::status check_metadata(const boost::json::value& metadata,
                              const std::string& pointer);

} // namespace troupe::http::native
