// REVIEWER: has every contact of a workspace looked at again when its segments
// changed, the newest first. A job's place is stored, so that it goes on after
// a restart; contacts that are looked at twice find nothing to do.
#pragma once

#include "actors/shard.hpp"
#include "actors/work.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <memory>

namespace troupe::actors {

struct reviewer_options {
  messages::reader_actor reader;
  messages::persistence_actor persistence;
  std::shared_ptr<const shard_table> shards;
  std::shared_ptr<const messages::published_catalog> catalog;
  clock_source clock = system_time;
  std::size_t contacts_at_once = 64;
  engine::duration try_again = std::chrono::seconds{1};
};

struct reviewer_actor_state {
  static inline const char* name = "reviewer";

  /// There may be a new job.
  void change();
  /// Goes on.
  void next();

  messages::reviewer_actor::pointer self = nullptr;
  reviewer_options options;

private:
  void look_at(review_work work);
  void looked(const messages::status_answer& answer);
  void keep_place();
  [[nodiscard]] engine::timestamp now_in(engine::workspace_id workspace) const;
  void later();

  review_work work_;
  std::size_t under_way_ = 0; // contacts of it
  bool busy_ = false;
  bool failed_ = false;   // one of them; all are looked at again
  std::size_t tries_ = 0; // of these contacts
  bool again_ = false;    // something changed meanwhile
};

messages::reviewer_actor::behavior_type
reviewer(messages::reviewer_actor::stateful_pointer<reviewer_actor_state> self,
         reviewer_options options);

} // namespace troupe::actors
