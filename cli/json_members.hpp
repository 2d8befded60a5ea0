// Members of what a server or a file says: what is not there, or of another
// type, is taken for empty.
#pragma once

#include "engine/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <string>

namespace troupe::cli {

/// @param pointer of JSON, such as "/accepted"
/// @returns 0 also of what is below it
std::uint64_t number_in(const boost::json::value& of, const char* pointer);

std::string text_in(const boost::json::value& of, const char* pointer);

/// What was refused, for a program.
boost::json::object as_json(const engine::error& why);

} // namespace troupe::cli
