#include "actors/dispatch.hpp"

namespace troupe::actors {

void dispatch_actor_state::hear(const durable_notice& notice) {
  for (const auto destination : notice.destinations)
    if (const auto found = dispatchers_.find(destination);
        found != dispatchers_.end())
      self->send(found->second, atom::nudge_atom::value);
}

// A destination that is not active has no dispatcher: its deliveries are held
// in the outbox.
void dispatch_actor_state::change() {
  for (const auto& entry : options.destinations->get()->entries) {
    const auto active
      = entry.row.status == persistence::definition_status::active;
    const auto found = dispatchers_.find(entry.row.id);
    if (active && found == dispatchers_.end()) {
      auto made = options.common;
      made.destination = entry.row;
      made.tenant = entry.tenant;
      dispatchers_.emplace(
        entry.row.id, self->spawn<caf::linked>(dispatcher, std::move(made)));
    } else if (!active && found != dispatchers_.end()) {
      self->unlink_from(found->second);
      self->send_exit(found->second, caf::exit_reason::user_shutdown);
      dispatchers_.erase(found);
    }
  }
}

// By the dispatcher, which knows what is under way. Without one nothing is:
// what becomes due is held.
dispatch_actor_state::replay_promise
dispatch_actor_state::replay(delivery_replay& wish) {
  auto promise = self->make_response_promise<delivery_replayed>();
  if (const auto found = dispatchers_.find(wish.destination);
      found != dispatchers_.end()) {
    promise.delegate(found->second, atom::replay_atom::value, std::move(wish));
    return promise;
  }
  const auto count = wish.keys.size();
  self
    ->request(options.common.persistence, caf::infinite,
              atom::replay_atom::value, std::move(wish))
    .then(
      [promise, count](const messages::status_answer& answer) mutable {
        promise.deliver(delivery_replayed{answer.failure, count});
      },
      [promise](const caf::error&) mutable {
        promise.deliver(delivery_replayed{engine::interrupted(), 0});
      });
  return promise;
}

messages::dispatch_actor::behavior_type
dispatch(messages::dispatch_actor::stateful_pointer<dispatch_actor_state> self,
         dispatch_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  state.change();
  return {
    [&state](atom::notice_atom, const durable_notice& notice) {
      state.hear(notice);
    },
    [&state](atom::change_atom) {
      state.change();
    },
    [&state](atom::replay_atom, delivery_replay& wish) {
      return state.replay(wish);
    },
  };
}

} // namespace troupe::actors
