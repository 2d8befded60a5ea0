// Bodies of small requests: a JSON object with members that are known.
#pragma once

#include "engine/error.hpp"
#include "http/request.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace troupe::http {

/// An empty body is an empty object.
engine::result<boost::json::object> read_object(const request& what);

/// @returns `field_unknown` for the first member that is not known
engine::status check_members(const boost::json::object& from,
                             std::initializer_list<std::string_view> known);

/// Empty when it is not there, or null.
engine::result<std::string> text_of(const boost::json::object& from,
                                    std::string_view name,
                                    std::size_t bytes_max);

} // namespace troupe::http
