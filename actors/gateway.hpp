// GATEWAY: turns questions of the io threads into requests to actors and
// completes their slots. It bounds what is under way and decides nothing.
#pragma once

#include "actors/shard.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace troupe::actors {

struct gateway_options {
  std::shared_ptr<const shard_table> shards;
  std::uint64_t seed = 0; // of the installation
  messages::reader_actor reader;
  messages::definitions_actor definitions;
  std::size_t under_way_max = 20'000; // events not yet answered
};

struct gateway_actor_state {
  static inline const char* name = "gateway";

  void ingest(const messages::ingest_batch& batch);

  messages::gateway_actor::pointer self = nullptr;
  gateway_options options;

private:
  void ingest_one(messages::ingest_batch::item& item);

  std::size_t under_way_ = 0;
};

messages::gateway_actor::behavior_type
gateway(messages::gateway_actor::stateful_pointer<gateway_actor_state> self,
        gateway_options options);

} // namespace troupe::actors
