// PERSISTENCE: owns the store's writes. While one transaction is in flight
// commits gather; the next takes them all. Spawned detached: the store blocks.
// Invariants:
// (1) Nobody is answered before the transaction is durable.
// (2) A commit that makes a group fail harms only itself.
#pragma once

#include "actors/counters.hpp"
#include "actors/settled_clock.hpp"
#include "actors/work.hpp"
#include "messages/protocol.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace troupe::actors {

struct persistence_options {
  std::shared_ptr<persistence::store> store;
  messages::courier_actor courier;
  clock_source clock = system_time;
  std::size_t group_max = 1024; // commits and attempts in one transaction
  std::shared_ptr<actor_counters> counters = std::make_shared<actor_counters>();
  /// Told what became durable, on this actor's thread; sends on.
  std::function<void(const durable_notice&)> notify;
  /// Told that turns became durable, as above.
  std::function<void()> nudge = [] {};
  /// Told that the store is away, or there again, or another process's: the
  /// last time.
  std::function<void(const engine::status&)> reached
    = [](const engine::status&) {};
  /// Told that somebody else may have changed definitions.
  std::function<void()> redefined = [] {};
};

struct persistence_actor_state {
  static inline const char* name = "persistence";

  using status_promise = caf::typed_response_promise<messages::status_answer>;

  void commit(commit_group& group);
  status_promise record(persistence::attempt_row& attempt);
  row_changed store(row_change& change);
  messages::status_answer replay(delivery_replay& wish);
  messages::status_answer count(const engine::statistics_batch& batch);
  messages::status_answer erase(erasure_order& order);
  void erase_more();
  void flush();
  void tick();
  void reach();

  messages::persistence_actor::pointer self = nullptr;
  persistence_options options;

private:
  struct attempt_waiter {
    status_promise promise;
    bool is_doubtful = false; // it may be durable
  };

  void queue_erasing();
  void keep_up();
  void gather();
  void write(std::size_t units_begin, std::size_t units_end,
             std::size_t attempts_begin, std::size_t attempts_end);
  void answer_units(std::size_t begin,
                    std::vector<persistence::unit_outcome> outcomes);
  void answer_attempts(std::size_t begin, std::size_t end,
                       const std::optional<engine::error>& failure);
  void next_attempts();
  void note(const persistence::commit_unit& unit);
  void note(std::span<const persistence::attempt_row> attempts);
  void count(std::span<const persistence::attempt_row> attempts) const;

  std::vector<persistence::commit_unit> units_;
  std::vector<caf::strong_actor_ptr> contacts_; // of units_
  std::vector<persistence::attempt_row> attempts_;
  std::vector<attempt_waiter> attempt_waiters_; // of attempts_
  std::vector<std::size_t> attempts_kept_;      // for the next group
  durable_notice notice_;
  settled_clock settled_;
  bool flushing_ = false;
  bool erasing_ = true; // perhaps: looked for at the first tick
  bool erase_queued_ = false;
};

messages::persistence_actor::behavior_type persistence_writer(
  messages::persistence_actor::stateful_pointer<persistence_actor_state> self,
  persistence_options options);

} // namespace troupe::actors
