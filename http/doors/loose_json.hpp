// Members of bodies that libraries of other products wrote: what is not there,
// null or of another type is taken for absent.
#pragma once

#include "engine/error.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

/// The first of these that is a text, or a whole number as text, and not
/// empty.
std::optional<std::string>
loose_text(const boost::json::object& in,
           std::initializer_list<std::string_view> names);

const boost::json::object* loose_object(const boost::json::object& in,
                                        std::string_view name);

/// Reads one JSON object, on a reader of the calling thread.
/// @returns `event_too_large` of a longer text, or what json_reader says
engine::result<boost::json::value> read_object(std::string_view text,
                                               std::size_t bytes_max);

inline constexpr std::size_t loose_event_bytes_max = 512 * 1024;

} // namespace troupe::http
