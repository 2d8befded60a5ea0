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
  };
}

} // namespace troupe::actors
