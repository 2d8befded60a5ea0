// STATISTICS: counts what events say, behind the commits, and keeps its place
// in the store, so that a restart goes on from there. Spawned detached: reads
// block.
// Invariants:
// (1) One batch is under way at a time; it is counted with the place it moves
//     to, in one transaction.
// (2) An answer counts every event that was durable when it was asked for.
// (3) While nobody asks it works a tenth of the time at most.
#pragma once

#include "actors/work.hpp"
#include "messages/protocol.hpp"
#include "messages/statistics.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace troupe::actors {

struct statistics_options {
  std::shared_ptr<persistence::store_reader> store;
  messages::persistence_actor persistence;
  std::chrono::milliseconds beat{5'000};
};

struct statistics_actor_state {
  static inline const char* name = "statistics";

  using promise = caf::typed_response_promise<messages::statistics_found>;

  promise find(messages::statistics_search& search);
  void tick();

  messages::statistics_actor::pointer self = nullptr;
  statistics_options options;

private:
  struct waiting {
    messages::statistics_search what;
    engine::position until{};
    promise answer;
  };

  void advance();
  void counted(engine::position until, std::chrono::steady_clock::duration took,
               bool has_more);
  void fail_all(const engine::error& why);
  void answer_those_seen();
  void rest(std::chrono::steady_clock::duration how_long);

  std::vector<waiting> waiting_;
  std::optional<engine::position> place_; // not known yet
  bool is_busy_ = false;
  bool is_resting_ = false; // a tick is under way
};

messages::statistics_actor::behavior_type statistics(
  messages::statistics_actor::stateful_pointer<statistics_actor_state> self,
  statistics_options options);

} // namespace troupe::actors
