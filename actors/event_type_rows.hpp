// Wishes about event types, and the stored words for their states.
#pragma once

#include "actors/definitions.hpp"

namespace troupe::actors {

messages::event_type_state
state_of_event_type(persistence::definition_status status);
persistence::definition_status status_of(messages::event_type_state state);

/// Makes a type active, also one that was discovered or archived.
/// @returns `event_type_exists`, or what is wrong with a member
engine::result<wished_rows>
new_event_type(const messages::definition_change& wish,
               const definitions_options& options);

/// @pre the type named is known, if only from events
engine::result<wished_rows>
changed_event_type(const messages::definition_change& wish,
                   const definitions_options& options);

/// Gives a type another name: all that is known of it goes there. With
/// `alias` the former name goes on to mean it, else it is archived, with what
/// uses it, if anything does.
/// @pre as above
/// @returns `event_type_exists`, `reserved_event_name`, or what is wrong with a
/// member
engine::result<wished_rows>
renamed_event_type(const messages::definition_change& wish,
                   const definitions_options& options);

/// With what uses it, if anything does. A former name ends to be one.
/// @pre as above
engine::result<wished_rows>
archived_event_type(const messages::definition_change& wish,
                    const definitions_options& options);

} // namespace troupe::actors
