// COLLECTOR: what contacts want committed goes to PERSISTENCE together. The
// first of a group calls it, and its turn on the scheduler comes after those of
// the contacts that are ready by then: no artificial delay, and no message for
// each commit.
#pragma once

#include "actors/gathered.hpp"
#include "actors/work.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace troupe::actors {

/// Shared by all contacts.
using commit_queue = gathered<commit_wish>;

struct collector_options {
  std::shared_ptr<commit_queue> commits;
  messages::persistence_actor persistence;
};

struct collector_actor_state {
  static inline const char* name = "collector";
};

messages::collector_actor::behavior_type collector(
  messages::collector_actor::stateful_pointer<collector_actor_state> self,
  collector_options options);

} // namespace troupe::actors
