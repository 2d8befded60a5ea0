// Bodies of small requests: a JSON object with members that are known.
#pragma once

#include "engine/error.hpp"
#include "engine/json_members.hpp"
#include "http/request.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::http {

using engine::check_members;

/// An empty body is an empty object.
engine::result<boost::json::object> read_object(const request& what);

/// Empty when it is not there, or null.
engine::result<std::string> text_of(const boost::json::object& from,
                                    std::string_view name,
                                    std::size_t bytes_max);

} // namespace troupe::http
