// An event as the API, webhooks and exports show it (spec: api.md, "Event"): a
// view of its turn.
#pragma once

#include "engine/ids.hpp"
#include "engine/turn.hpp"

#include <string>
#include <string_view>

namespace troupe::engine {

/// @param tenant text id of the workspace
/// @pre turn.event
std::string event_document(const turn& of, const id_text& ids,
                           std::string_view tenant);

/// The same for the people who look after an event: with its lints.
std::string linted_event_document(const turn& of, const id_text& ids,
                                  std::string_view tenant);

/// The same for another Troupe: its contact has an identity in any case, as far
/// as the event gave one, else its id here as an `anonymous_id`.
std::string portable_event_document(const turn& of, const id_text& ids,
                                    std::string_view tenant);

/// The envelope of reference 001 (B5–B12): `type` is what the client did,
/// `event` the name.
/// @pre turn.event
std::string growthos_document(const turn& of, const id_text& ids,
                              std::string_view tenant);

/// "native", "segment", "platform", …: which way an event came in by.
std::string_view name_of(door from);

/// "evt_…" of the turn's event.
std::string event_id(const turn& of, const id_text& ids);

} // namespace troupe::engine
