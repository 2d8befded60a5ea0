// What a workspace demands of an event, whichever door it comes by: its
// catalog, how names are written, schema contracts, personal data.
#pragma once

#include "http/visit.hpp"

#include <string>
#include <string_view>

namespace troupe::http {

/// Holds an event to all of it. One that came under a former name of its type
/// has the present one afterwards; personal data may be masked.
/// @pre of a name of the platform's, check_system_event() was good for it
/// @param name, properties pointers to them as the door's body has them
/// @returns success, or `event_type_unknown`, `event_name_case`,
/// `property_key_case`, `schema_contract_violated`, `checklist_is_kept` or
/// `pii_not_allowed`
engine::status hold_to_house_rules(const api_context& with,
                                   engine::workspace_id workspace,
                                   engine::incoming_event& event,
                                   std::string_view name,
                                   const std::string& properties);

} // namespace troupe::http
