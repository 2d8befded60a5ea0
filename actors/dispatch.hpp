// DISPATCH: owns one dispatcher per active destination and passes on what
// became durable for it.
#pragma once

#include "actors/dispatcher.hpp"
#include "messages/published.hpp"

#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// Destinations of all workspaces, published by DEFINITIONS.
struct destination_table {
  struct entry {
    persistence::destination_row row;
    std::string tenant;
  };
  std::vector<entry> entries;
};

struct dispatch_options {
  dispatcher_options common; // without destination and tenant
  std::shared_ptr<const messages::published<destination_table>> destinations;
};

struct dispatch_actor_state {
  static inline const char* name = "dispatch";

  using replay_promise = caf::typed_response_promise<delivery_replayed>;

  void hear(const durable_notice& notice);
  void change();
  replay_promise replay(delivery_replay& wish);

  messages::dispatch_actor::pointer self = nullptr;
  dispatch_options options;

private:
  std::unordered_map<engine::destination_id, messages::dispatcher_actor>
    dispatchers_;
};

messages::dispatch_actor::behavior_type
dispatch(messages::dispatch_actor::stateful_pointer<dispatch_actor_state> self,
         dispatch_options options);

} // namespace troupe::actors
