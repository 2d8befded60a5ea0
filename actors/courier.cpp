#include "actors/courier.hpp"

namespace troupe::actors {

messages::courier_actor::behavior_type
courier(messages::courier_actor::stateful_pointer<courier_actor_state> self,
        courier_options) {
  return {
    [self](atom::commit_atom, group_outcome& group) {
      for (auto& item : group.items)
        self->send(caf::actor_cast<messages::contact_actor>(item.contact),
                   atom::commit_atom::value, std::move(item.answer));
    },
  };
}

} // namespace troupe::actors
