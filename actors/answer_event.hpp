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
             messages::ingest_answer answer) {
  if (command.reply)
    command.reply->tell(std::move(answer));
  else
    promise.deliver(std::move(answer));
}

} // namespace troupe::actors
