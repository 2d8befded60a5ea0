// SCHEDULER: wakes contacts when their timers and inbox rows are due. It holds
// the near future; the rest stays in the store and is paged in. What it hears
// from PERSISTENCE is a hint: paging alone finds everything.
#pragma once

#include "actors/due_queue.hpp"
#include "actors/shard.hpp"
#include "actors/work.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <memory>
#include <tuple>

namespace troupe::actors {

struct scheduler_options {
  messages::reader_actor reader;
  messages::triggers_actor triggers;
  std::shared_ptr<const shard_table> shards;
  std::uint64_t seed = 0; // of the installation
  std::shared_ptr<const messages::published_catalog> catalog
    = std::make_shared<const messages::published_catalog>();
  clock_source clock = system_time;
  engine::duration horizon = std::chrono::minutes{1};
  std::size_t under_way_max = 1000; // wake-ups not yet answered, per kind
  std::size_t held_max = 200'000;   // in memory, per kind
  std::size_t page = 1000;
};

struct scheduler_actor_state {
  static inline const char* name = "scheduler";

  void start();
  void hear(const durable_notice& notice);
  void tick(std::uint64_t generation);

  messages::scheduler_actor::pointer self = nullptr;
  scheduler_options options;

private:
  struct timer_order {
    bool operator()(const persistence::due_timer& a,
                    const persistence::due_timer& b) const {
      return std::tie(a.what.due, a.contact, a.what.run, a.what.visit)
             < std::tie(b.what.due, b.contact, b.what.run, b.what.visit);
    }
  };
  struct timer_due {
    engine::timestamp operator()(const persistence::due_timer& t) const {
      return t.what.due;
    }
  };
  struct message_order {
    bool operator()(const persistence::inbox_row& a,
                    const persistence::inbox_row& b) const {
      return std::tie(a.due, a.id) < std::tie(b.due, b.id);
    }
  };
  struct message_due {
    engine::timestamp operator()(const persistence::inbox_row& m) const {
      return m.due;
    }
  };

  void page_in();
  void take_page(const due_page& page);
  void wake_due();
  void fire(const persistence::due_timer& due);
  void deliver(const persistence::inbox_row& row);
  template <class Queue, class Failed, class Item>
  void settle(Queue& queue, Failed& failed, const Item& item,
              const messages::status_answer& answer);
  template <class Queue, class Failed>
  void try_again(Queue& queue, Failed& failed);
  void stop_paging();
  void plan();

  due_queue<persistence::due_timer, timer_order, timer_due> timers_;
  due_queue<persistence::inbox_row, message_order, message_due> messages_;
  engine::timestamp loaded_until_{}; // everything due before is held here
  due_query query_;                  // of the paging under way
  bool paging_ = false;
  /// Wake-ups that failed, and when they are tried again.
  std::deque<std::pair<engine::timestamp, persistence::due_timer>>
    failed_timers_;
  std::deque<std::pair<engine::timestamp, persistence::inbox_row>>
    failed_messages_;
  std::uint64_t generation_ = 0;
  engine::timestamp planned_{}; // when the next tick comes
};

messages::scheduler_actor::behavior_type scheduler(
  messages::scheduler_actor::stateful_pointer<scheduler_actor_state> self,
  scheduler_options options);

} // namespace troupe::actors
