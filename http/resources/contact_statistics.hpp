// What the newest events of a contact say, counted (behaviour G45).
#pragma once

#include "messages/commands.hpp"

#include <boost/json/object.hpp>

namespace troupe::http {

/// Newest events that are counted.
inline constexpr std::size_t counted_events_max = 5'000;
/// Properties that are shown; those of the newest events come first.
inline constexpr std::size_t counted_properties_max = 1'000;

/// {events: {type: count}, properties: {path: {latest, count}}, has_more}:
/// paths with dots into nested objects, `has_more` when there are events
/// that were not counted.
boost::json::object statistics_of(const messages::events_found& found);

} // namespace troupe::http
