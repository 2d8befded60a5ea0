// Who waits for an event hears what came of it.
#pragma once

#include "messages/commands.hpp"
#include "messages/type_ids.hpp"

#include <caf/typed_response_promise.hpp>

#include <utility>

namespace troupe::actors {

/// By the reply that came with the event, else as the response to who asked.
inline void
answer_event(const messages::ingest& command,
             caf::typed_response_promise<messages::ingest_answer>& promise,
             messages::ingest_answer&& answer) {
  if (command.reply)
    command.reply->tell(std::move(answer));
  else
    promise.deliver(std::move(answer));
}

/// Hands an event on; who waits for it hears from `next`.
template <class Self, class Actor>
void hand_on(Self self, const Actor& next, messages::ingest_parcel command,
             caf::typed_response_promise<messages::ingest_answer>& promise) {
  if (command->reply)
    self->anon_send(next, atom::ingest_atom::value, std::move(command));
  else
    promise.delegate(next, atom::ingest_atom::value, std::move(command));
}

} // namespace troupe::actors
