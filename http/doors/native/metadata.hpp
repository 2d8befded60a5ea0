// The rules of metadata (G37–G41).
#pragma once

#include "engine/error.hpp"

#include <boost/json/value.hpp>

namespace troupe::http::native {

/// Keys in snake_case at every depth; values text, number, boolean, lists of
/// those, or objects of the same.
engine::status check_metadata(const boost::json::value& metadata);

} // namespace troupe::http::native
