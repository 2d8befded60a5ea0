// What one delivery says, made from its turn and its destination when it is
// dispatched: the same for every attempt, but for what changed of the
// destination since.
#pragma once

#include "actors/work.hpp"
#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "engine/webhook_body.hpp"
#include "messages/outgoing_call.hpp"
#include "persistence/rows.hpp"

#include <string>

namespace troupe::actors {

/// @param tenant text id of the workspace
/// @param now of the attempt: which secrets sign it
/// @returns the call of a webhook, an `http` channel or an `http` node, or
/// `delivery_damaged`
engine::result<messages::outgoing_call>
render(const pulled_delivery& what, const persistence::destination_row& to,
       const engine::id_text& ids, const std::string& tenant,
       engine::timestamp now);

/// The call of an endpoint that says this.
/// @returns what is wrong with its template, or `delivery_damaged`
engine::result<messages::outgoing_call>
webhook_call(const engine::webhook_message& message,
             const persistence::destination_row& to, engine::timestamp now);

/// The body of its calls as people see it, or empty when it cannot be made any
/// more: secrets that a sequence or a channel writes into it are masked.
std::string shown_body(const pulled_delivery& what,
                       const persistence::destination_row& to,
                       const engine::id_text& ids, const std::string& tenant);

/// The row of an attempt that ended; `number` is that of the attempt.
/// @param profile of the endpoint; of no endpoint: standard
persistence::attempt_row
judge(const attempt_outcome& ended, engine::timestamp now,
      engine::webhook_profile profile = engine::webhook_profile::standard);

/// A send that the contact does not want any more.
persistence::attempt_row leave_out(const pulled_delivery& what,
                                   engine::timestamp now);

/// Whether nothing leaves for such a destination: the turn has it all, a nudge
/// for the contact's inbox included.
constexpr bool stays_inside(persistence::destination_kind what) {
  return what == persistence::destination_kind::capture
         || what == persistence::destination_kind::nudge;
}

/// A send that its channel keeps instead of sending.
persistence::attempt_row capture(const pulled_delivery& what,
                                 engine::timestamp now);

} // namespace troupe::actors
