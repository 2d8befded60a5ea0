// MERGE: makes contacts one for one event, then ends. Spawned by a shard and
// linked to it.
// Invariants:
// (1) It stands contacts still in ascending order of their ids and holds none
//     but those, so two merges never wait for each other.
// (2) What it was told may be old: the states of contacts that stand still say
//     who survives, and the commit says whether it happened.
// (3) Every contact that stood still is released, whatever happens.
#pragma once

#include "actors/shard.hpp"
#include "actors/work.hpp"
#include "engine/merge.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace troupe::actors {

struct merge_options {
  std::shared_ptr<const shard_table> shards;
  std::uint64_t seed = 0; // of the installation
};

struct merge_actor_state {
  static inline const char* name = "merge";

  using ingest_promise = caf::typed_response_promise<messages::ingest_answer>;

  ingest_promise merge(merge_wish& wish);

  messages::merge_actor::pointer self = nullptr;
  merge_options options;

private:
  void stand_next_still();
  void on_yielded(yielded& answer);
  void join();
  [[nodiscard]] std::vector<engine::identity_owner> owners_now() const;
  [[nodiscard]] const yielded* find(engine::contact_id contact) const;
  void absorb(const engine::meeting& met,
              std::vector<engine::identity_owner> owners);
  void on_absorbed(engine::contact_id survivor, absorbed& answer);
  void look_again();
  void look_again_counted();
  void answer(messages::ingest_answer what);
  void release(engine::contact_id survivor);

  merge_wish wish_;
  ingest_promise promise_;
  std::vector<yielded> still_; // of wish_.contacts, in their order
};

messages::merge_actor::behavior_type
merge(messages::merge_actor::stateful_pointer<merge_actor_state> self,
      merge_options options);

} // namespace troupe::actors
