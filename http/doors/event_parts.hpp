// What doors make of the parts of an event, without anything else of Troupe.
#pragma once

#include "engine/event.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace troupe::http {

/// Keeps a text behind the accepted bytes.
engine::text_range keep_behind(engine::event_record& record,
                               std::string_view text);

/// @param part a view into the record's body
engine::text_range place_in_body(const engine::event_record& record,
                                 std::string_view part);

/// @param slice of the record's body that says the same; nothing: what the door
/// made is kept behind the body
void set_properties(engine::incoming_event& event,
                    boost::json::object properties,
                    std::optional<std::string_view> slice);

/// Adds an identity, unless the text is a placeholder ("null", "0", …).
/// @returns false when it is no usable one of that kind
bool add_identity(engine::incoming_event& event, engine::identity_kind kind,
                  std::string_view text);

} // namespace troupe::http
