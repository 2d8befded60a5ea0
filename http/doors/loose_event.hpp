// What the forgiving doors read of an event in the same way.
#pragma once

#include "engine/event.hpp"
#include "http/visit.hpp"
#include "messages/commands.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace troupe::http {

/// What is known of an event before it is read.
struct event_setting {
  engine::workspace_id workspace{};
  engine::timestamp received_at{};
  /// Of long ago: it may have happened at any time before.
  bool is_history = false;
};

/// Of an event that comes now.
event_setting setting_of(const api_context& with, const visit& now);

/// A command whose event has these bytes, and nothing of them was read.
messages::ingest begin_event(const event_setting& as, engine::door from,
                             std::string_view text);

/// The event's name, by the first of these members that is one.
/// @returns `field_required`, which points to the first of them
engine::result<std::string>
read_event_name(const boost::json::object& from,
                std::initializer_list<std::string_view> members);

/// Its time in milliseconds; nothing happens later than it is received.
/// @param member what says it
/// @returns `field_invalid`, `timestamp_out_of_range`
engine::status read_milliseconds(engine::event_record& record,
                                 const boost::json::value& from,
                                 std::string_view member,
                                 const event_setting& as);

/// The address and the number that its traits say become identities, so that
/// the contact can be reached.
void add_reachable(engine::incoming_event& event);

/// Makes it an `$identify` of these traits, which make reachable.
void set_identify(engine::incoming_event& event, boost::json::object traits);

} // namespace troupe::http
