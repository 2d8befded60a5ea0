// When a call happened, by a clock that may be wrong.
#pragma once

#include "engine/error.hpp"
#include "engine/time.hpp"

#include <boost/json/object.hpp>

#include <optional>

namespace troupe::http {

struct call_rules;
struct call_setting;

/// RFC 3339; to the Segment family also without an offset (then UTC) and as
/// seconds or milliseconds since 1970.
std::optional<engine::timestamp> read_instant(const boost::json::value& from,
                                              bool is_forgiving);

/// The time of a client's clock, corrected by how wrong that was when it sent
/// the request (clients.md, 14), when that is more than a minute; nothing
/// happens later than it is received.
engine::timestamp by_our_clock(engine::timestamp at,
                               std::optional<engine::timestamp> sent_at,
                               engine::timestamp received_at);

/// What `timestamp` says, in the Segment family by our clock.
/// @returns nothing when it does not say; `field_invalid`,
/// `timestamp_out_of_range`
engine::result<std::optional<engine::timestamp>>
occurred_at(const boost::json::object& call, const call_rules& rules,
            const call_setting& setting);

} // namespace troupe::http
