// COURIER: hands the outcomes of a group to its contacts. It runs on the
// scheduler, where waking a contact costs no switch of threads.
#pragma once

#include "actors/work.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace troupe::actors {

struct courier_actor_state {
  static inline const char* name = "courier";
};

/// Function-based actors of CAF 0.17 take at least one argument.
struct courier_options {};

messages::courier_actor::behavior_type
courier(messages::courier_actor::stateful_pointer<courier_actor_state> self,
        courier_options options);

} // namespace troupe::actors
