// Sendmator's steps, one message after another, as nodes of a sequence; and a
// sequence that is such a line as steps.
#pragma once

#include "engine/error.hpp"
#include "engine/sequence_definition.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace troupe::http::sendmator {

/// `entry` and `nodes` that send the steps in their order.
/// @param steps {channel_type, step_name?, step_order?, configuration:
/// {template_id, delay_minutes?}}; the delay is since the step before
engine::result<boost::json::object> nodes_of(const boost::json::value& steps);

/// Empty for a sequence that does more than wait and send.
boost::json::array steps_view(const engine::sequence_definition& of);

} // namespace troupe::http::sendmator
