#include "actors/collector.hpp"

#include <utility>

namespace troupe::actors {

messages::collector_actor::behavior_type collector(
  messages::collector_actor::stateful_pointer<collector_actor_state> self,
  collector_options options) {
  return {
    [self, of = std::move(options)](atom::flush_atom) {
      self->send(of.persistence, atom::commit_atom::value,
                 commit_group{of.commits->take()});
    },
  };
}

} // namespace troupe::actors
