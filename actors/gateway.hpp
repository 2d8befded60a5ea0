// GATEWAY: turns questions of the io threads into requests to actors and
// completes their slots. It bounds what is under way and decides nothing.
#pragma once

#include "actors/shard.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <unordered_map>

namespace troupe::actors {

struct gateway_options {
  std::shared_ptr<const shard_table> shards;
  std::uint64_t seed = 0; // of the installation
  messages::reader_actor reader;
  messages::definitions_actor definitions;
  // Events not yet answered: of all, and of one workspace, so that it leaves
  // room for the others (U1).
  std::size_t under_way_max = 20'000;
  std::size_t of_workspace_max = 5'000;
};

struct gateway_actor_state {
  static inline const char* name = "gateway";

  void ingest(const messages::ingest_batch& batch);

  messages::gateway_actor::pointer self = nullptr;
  gateway_options options;

private:
  void ingest_one(messages::ingest_batch::item& item);

  std::size_t under_way_ = 0;
  std::unordered_map<engine::workspace_id, std::size_t> of_workspace_;
};

messages::gateway_actor::behavior_type
gateway(messages::gateway_actor::stateful_pointer<gateway_actor_state> self,
        gateway_options options);

} // namespace troupe::actors
