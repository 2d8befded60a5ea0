// What a workspace's endpoints are told that is about no contact (behaviours
// G65, G71): a turn of nobody's that carries it, so that its deliveries are
// like all others.
#pragma once

#include "engine/definitions.hpp"
#include "engine/turn.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace troupe::engine {

/// @param said with the notice's `type`, by which endpoints subscribe to it
/// @returns a turn without effect but on those that match, if any do; filters
/// that ask about a contact ask about one nobody knows
turn notice_of(workspace_id workspace, const boost::json::object& said,
               const definitions& with, timestamp now);

} // namespace troupe::engine
