// Sessions, checklists and nudges: what Troupe itself makes of a contact's
// events (behaviours B31, B32, B48-B50, B52, B75, B77).
#pragma once

#include "engine/definitions.hpp"
#include "engine/interpreter.hpp"

namespace troupe::engine {

/// Lets the session of the contact see an event: it opens, keeps or closes it.
void keep_session(interpreter& runs, turn& out, const session_policy& policy,
                  const incoming_event& from);

/// The session's timer is due: it is over, or waits on.
/// @pre the timer is current
void await_session(interpreter& runs, turn& out, const session_policy& policy);

/// Notes a step of a checklist that is done, and the checklist with its last.
void keep_checklists(interpreter& runs, turn& out, const definitions& with,
                     const boost::json::object& properties);

/// Moves a nudge on by what a client says of it.
void keep_nudges(interpreter& runs, const turn& out,
                 const boost::json::object& properties);

/// `$session_end` of a session, for the contact that has had it.
outgoing_message end_of(const contact_session& session, std::uint32_t hops);

} // namespace troupe::engine
