// Registers the atoms and message types with CAF. Messages stay inside one
// process (members talk protobuf, design.md 9), so none is serialised by CAF;
// docs/decisions/0002 says why.
#pragma once

#include "messages/fwd.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/type_id.hpp>

#include <cstdint>

namespace troupe::messages {

using audit_found_slot = reply_slot<audit_found>;
using contact_shown_slot = reply_slot<contact_shown>;
using definition_changed_slot = reply_slot<definition_changed>;
using events_found_slot = reply_slot<events_found>;

} // namespace troupe::messages

CAF_BEGIN_TYPE_ID_BLOCK(troupe, first_custom_type_id)

CAF_ADD_ATOM(troupe, troupe::atom, ingest_atom, "ingest")
CAF_ADD_ATOM(troupe, troupe::atom, fire_atom, "fire")
CAF_ADD_ATOM(troupe, troupe::atom, deliver_atom, "deliver")
CAF_ADD_ATOM(troupe, troupe::atom, retire_atom, "retire")
CAF_ADD_ATOM(troupe, troupe::atom, commit_atom, "commit")
CAF_ADD_ATOM(troupe, troupe::atom, record_atom, "record")
CAF_ADD_ATOM(troupe, troupe::atom, store_atom, "store")
CAF_ADD_ATOM(troupe, troupe::atom, flush_atom, "flush")
CAF_ADD_ATOM(troupe, troupe::atom, notice_atom, "notice")
CAF_ADD_ATOM(troupe, troupe::atom, load_atom, "load")
CAF_ADD_ATOM(troupe, troupe::atom, resolve_atom, "resolve")
CAF_ADD_ATOM(troupe, troupe::atom, history_atom, "history")
CAF_ADD_ATOM(troupe, troupe::atom, replay_atom, "replay")
CAF_ADD_ATOM(troupe, troupe::atom, find_atom, "find")
CAF_ADD_ATOM(troupe, troupe::atom, show_atom, "show")
CAF_ADD_ATOM(troupe, troupe::atom, audit_atom, "audit")
CAF_ADD_ATOM(troupe, troupe::atom, due_atom, "due")
CAF_ADD_ATOM(troupe, troupe::atom, pull_atom, "pull")
CAF_ADD_ATOM(troupe, troupe::atom, retry_atom, "retry")
CAF_ADD_ATOM(troupe, troupe::atom, rows_atom, "rows")
CAF_ADD_ATOM(troupe, troupe::atom, change_atom, "change")
CAF_ADD_ATOM(troupe, troupe::atom, tick_atom, "tick")
CAF_ADD_ATOM(troupe, troupe::atom, nudge_atom, "nudge")
CAF_ADD_ATOM(troupe, troupe::atom, ended_atom, "ended")

CAF_ADD_TYPE_ID(troupe, (troupe::persistence::attempt_row))
CAF_ADD_TYPE_ID(troupe, (troupe::persistence::commit_unit))
CAF_ADD_TYPE_ID(troupe, (troupe::persistence::due_timer))
CAF_ADD_TYPE_ID(troupe, (troupe::persistence::inbox_row))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::audit_found))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::audit_found_slot))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::audit_search))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::contact_reference))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::contact_shown))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::contact_shown_slot))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::definition_change))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::definition_changed))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::definition_changed_slot))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::event_search))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::events_found))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::events_found_slot))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::ingest))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::ingest_answer))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::ingest_batch))
CAF_ADD_TYPE_ID(troupe, (troupe::messages::status_answer))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::attempt_outcome))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::commit_answer))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::contact_loaded))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::deliveries_pulled))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::delivery_pull))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::due_page))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::due_query))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::durable_notice))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::group_outcome))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::history_found))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::history_query))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::identities_resolved))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::identity_query))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::row_change))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::row_changed))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::rows_loaded))
CAF_ADD_TYPE_ID(troupe, (troupe::actors::turn_found))

CAF_END_TYPE_ID_BLOCK(troupe)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::persistence::attempt_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::persistence::commit_unit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::persistence::due_timer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::persistence::inbox_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::audit_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::audit_found_slot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::audit_search)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::contact_reference)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::contact_shown)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::contact_shown_slot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::definition_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::definition_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::definition_changed_slot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::event_search)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::events_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::events_found_slot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::ingest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::ingest_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::ingest_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::messages::status_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::attempt_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::commit_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::contact_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::deliveries_pulled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::delivery_pull)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::due_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::due_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::durable_notice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::group_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::history_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::history_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::identities_resolved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::identity_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::row_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::row_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::rows_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::turn_found)
