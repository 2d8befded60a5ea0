// How the gateway asks: the answer, or a failure, goes into the slot.
#pragma once

#include "actors/gateway.hpp"

#include <utility>

namespace troupe::actors {

engine::error too_busy();

/// Passes a question on and its answer into the slot.
template <class Answer, class Target, class Atom, class Question>
void ask(messages::gateway_actor::pointer self, const Target& target, Atom verb,
         Question question, messages::reply_slot<Answer> slot) {
  self->request(target, caf::infinite, verb, std::move(question))
    .then(
      [slot](Answer& answer) {
        (*slot.complete)(std::move(answer));
      },
      [slot](const caf::error&) {
        Answer failed;
        failed.failure = engine::interrupted();
        (*slot.complete)(std::move(failed));
      });
}

template <class Answer, class Atom, class Question>
void gateway_actor_state::read(engine::workspace_id workspace, Atom verb,
                               const Question& question,
                               const messages::reply_slot<Answer>& slot) {
  auto& of = reads_[workspace]; // stays where it is
  if (of.waiting.size() >= options.reads_waiting_max) {
    Answer refused;
    refused.failure = too_busy();
    (*slot.complete)(std::move(refused));
    return;
  }
  const auto complete = std::make_shared<std::function<void(Answer)>>(
    [this, &of, slot](Answer answer) {
      --of.under_way;
      (*slot.complete)(std::move(answer));
      next_read(of);
    });
  of.waiting.emplace_back([this, verb, question, complete] {
    ask(self, options.reader, verb, question,
        messages::reply_slot<Answer>{complete});
  });
  next_read(of);
}

/// A slot whose answer goes to a function of the gateway.
template <class Answer, class Function>
messages::reply_slot<Answer> slot_to(Function complete) {
  return {std::make_shared<std::function<void(Answer)>>(std::move(complete))};
}

} // namespace troupe::actors
