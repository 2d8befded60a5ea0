// What endpoints are told of a contact besides its events (G65, B73): sends of
// no run, each to one endpoint, so that its deliveries are like all others.
// Nothing is made for a turn unless an endpoint of its workspace asked for it
// by name.
#pragma once

#include "engine/definitions.hpp"
#include "engine/ids.hpp"
#include "engine/turn.hpp"

#include <string>

namespace troupe::engine {

/// Adds to a turn what it makes endpoints be told; to one of history nothing.
/// What does not fit among its sends is left out: a warning `notice_limit`.
void tell_notices(const contact_state& before, turn& decided,
                  const definitions& with);

/// Whether it is no message of a run but a notice to an endpoint.
inline bool is_notice(const outgoing_send& sent) {
  return sent.run == 0;
}

/// A notice as endpoints see it.
/// @param notice one of the turn's
std::string notice_document(const turn& of, const outgoing_send& notice,
                            const id_text& ids);

} // namespace troupe::engine
