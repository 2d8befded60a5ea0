#include "actors/gateway.hpp"

namespace troupe::actors {

namespace {

engine::error too_many_writes() {
  return {engine::errc::rate_limited,
          "concurrent_writes_exceeded",
          "this workspace has as many events under way as it may; wait for "
          "some answers",
          {}};
}

engine::error too_busy() {
  return {engine::errc::overloaded,
          "overloaded",
          "too many events are waiting; try again in a moment",
          {}};
}

// Passes a question on and its answer into the slot.
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

} // namespace

void gateway_actor_state::ingest(const messages::ingest_batch& batch) {
  for (auto& item : *batch.items)
    ingest_one(item);
}

void gateway_actor_state::ingest_one(messages::ingest_batch::item& item) {
  const auto& command = item.command;
  // Stays where it is: one entry per workspace, never taken out.
  auto& of_workspace = of_workspace_[command.workspace];
  if (command.concurrent_max != 0 && of_workspace >= command.concurrent_max) {
    item.complete({too_many_writes(), {}});
    return;
  }
  if (under_way_ >= options.under_way_max
      || of_workspace >= options.of_workspace_max) {
    item.complete({too_busy(), {}});
    return;
  }
  ++under_way_;
  ++of_workspace;
  unsigned number = 0;
  if (command.contact != engine::contact_id{}) {
    number = engine::shard_of(command.contact);
  } else {
    const auto& primary = command.event.identities.front();
    number = engine::shard_of(options.seed, command.workspace, primary.kind,
                              primary.key);
  }
  self
    ->request((*options.shards)(number), caf::infinite,
              atom::ingest_atom::value, std::move(item.command))
    .then(
      [this, &of_workspace,
       complete = item.complete](messages::ingest_answer& answer) {
        --under_way_;
        --of_workspace;
        complete(std::move(answer));
      },
      [this, &of_workspace, complete = item.complete](const caf::error&) {
        --under_way_;
        --of_workspace;
        complete({engine::interrupted(), {}});
      });
}

messages::gateway_actor::behavior_type
gateway(messages::gateway_actor::stateful_pointer<gateway_actor_state> self,
        gateway_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  return {
    [&state](atom::ingest_atom, const messages::ingest_batch& batch) {
      state.ingest(batch);
    },
    [&state](atom::find_atom, const messages::event_search& search,
             const messages::events_found_slot& slot) {
      ask(state.self, state.options.reader, atom::find_atom::value, search,
          slot);
    },
    [&state](atom::show_atom, const messages::contact_reference& contact,
             const messages::contact_shown_slot& slot) {
      ask(state.self, state.options.reader, atom::show_atom::value, contact,
          slot);
    },
    [&state](atom::audit_atom, const messages::audit_search& search,
             const messages::audit_found_slot& slot) {
      ask(state.self, state.options.reader, atom::audit_atom::value, search,
          slot);
    },
    [&state](atom::change_atom, messages::definition_change& wish,
             const messages::definition_changed_slot& slot) {
      ask(state.self, state.options.definitions, atom::change_atom::value,
          std::move(wish), slot);
    },
  };
}

} // namespace troupe::actors
