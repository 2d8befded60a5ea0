// What an object that came from outside may hold.
#pragma once

#include "engine/error.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <string_view>

namespace troupe::engine {

/// @returns `field_unknown` with its place for the first member that is not
/// among the known
status check_members(const boost::json::object& from,
                     std::initializer_list<std::string_view> known);

} // namespace troupe::engine
