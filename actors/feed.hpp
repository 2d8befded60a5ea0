// FEED: tells those who follow events what became durable, in that order. The
// store is what is buffered: a follower without room is asked again later, so a
// slow one holds up nobody.
// Invariants:
// (1) One page of a follower is under way at a time.
// (2) A follower gets every event after its place once, in the order of
// commits.
#pragma once

#include "actors/work.hpp"
#include "messages/feed.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>

namespace troupe::actors {

struct feed_options {
  messages::reader_actor reader;
  /// How many follow, for those who nudge.
  std::shared_ptr<std::atomic<std::size_t>> followers
    = std::make_shared<std::atomic<std::size_t>>(0);
  std::size_t followers_max = 256;
  std::size_t of_workspace_max = 32;
  std::chrono::milliseconds beat{15'000};
};

struct feed_actor_state {
  static inline const char* name = "feed";

  void follow(messages::event_follower who,
              const messages::followed_slot& slot);
  void nudge();
  void pull_all();
  void tick();

  messages::feed_actor::pointer self = nullptr;
  feed_options options;

private:
  struct following {
    messages::event_follower who;
    bool is_busy = false; // a page is under way
    bool has_more = true; // there may be something behind its place
  };

  bool is_full(engine::workspace_id workspace) const;
  void begin(std::uint64_t number, const messages::followed_slot& slot);
  void pull(std::uint64_t number);
  void take(std::uint64_t number, followed_page& page);
  void drop(std::uint64_t number);
  void drop_gone();

  std::map<std::uint64_t, following> all_;
  std::uint64_t last_number_ = 0;
  bool is_ticking_ = false;
};

messages::feed_actor::behavior_type
feed(messages::feed_actor::stateful_pointer<feed_actor_state> self,
     feed_options options);

} // namespace troupe::actors
