// What a turn's event meets: segments, runs, triggers and webhooks, or, when it
// is history, the contact alone.
#pragma once

#include "engine/interpreter.hpp"
#include "engine/segment_keeper.hpp"

#include <boost/json/object.hpp>

namespace troupe::engine {

/// Has the turn name the contact as it is after it: the answer, a replay of it
/// and every view of the event do (G12).
void name_contact(turn& out, const contact_state& state);

/// The event meets the runs, the triggers and the subscriptions.
/// @param starts_runs false: it came with a merge
decision meet_event(interpreter& runs, segment_keeper& segments,
                    const definitions& with, turn& out,
                    const boost::json::object& properties,
                    bool starts_runs = true);

/// The contact learns from an event of long ago; nothing that it would tell is
/// told.
decision take_history(interpreter& runs, segment_keeper& segments,
                      const definitions& with, turn& out,
                      const boost::json::object& properties);

} // namespace troupe::engine
