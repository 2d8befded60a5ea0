// TRIGGERS: has happen what was triggered to happen later, or to many contacts,
// when its row of the inbox is due.
// Invariants:
// (1) It keeps nothing that the store does not have: an event takes its row
//     with its turn, and each contact has at most one turn of a trigger, so
//     what is begun twice happens once.
// (2) The row of the inbox stays until all is begun; who delivers it again goes
//     on from the place that is stored.
#pragma once

#include "actors/shard.hpp"
#include "actors/work.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"
#include "messages/triggers.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::actors {

struct triggers_options {
  messages::reader_actor reader;
  messages::persistence_actor persistence;
  std::shared_ptr<const shard_table> shards;
  std::uint64_t seed = 0; // of the installation
  std::shared_ptr<const messages::published_catalog> catalog;
  clock_source clock = system_time;
  std::size_t contacts_at_once = 64;
};

struct triggers_actor_state {
  static inline const char* name = "triggers";

  using promise = caf::typed_response_promise<messages::status_answer>;

  promise deliver(const persistence::inbox_row& row);

  messages::triggers_actor::pointer self = nullptr;
  triggers_options options;

private:
  /// One that is due.
  struct work {
    engine::trigger_row row;
    std::vector<promise> waiting;
    messages::workflow_wish workflow; // of one for many
    std::size_t awaited = 0;          // contacts of the page
    std::optional<engine::error> failure;
    std::vector<persistence::any_row> could_not; // contacts of the page
    bool has_more = false;
  };
  using work_place = std::shared_ptr<work>;

  void load(const work_place& of);
  void begin(const work_place& of);
  void begin_event(const work_place& of);
  void happened(const work_place& of, const messages::ingest_answer& answer);
  void begin_workflow(const work_place& of);
  void next_page(const work_place& of);
  void enrol(const work_place& of, engine::contact_id contact);
  void enrolled(const work_place& of, engine::contact_id contact,
                const messages::status_answer& answer);
  void end_page(const work_place& of);
  /// It is over, for that reason.
  void end(const work_place& of, engine::trigger_status as, std::string reason);
  template <class Then>
  void store(const work_place& of, std::vector<persistence::any_row> rows,
             Then then);
  void finish(const work_place& of, const messages::status_answer& answer);
  [[nodiscard]] engine::timestamp now_in(engine::workspace_id workspace) const;
  template <class Target, class Done, class... Question>
  void ask(const work_place& of, const Target& target, Done done,
           Question... question);

  std::map<engine::inbox_id, work_place> under_way_;
  std::map<engine::inbox_id, std::size_t> defects_; // that it met so far
};

messages::triggers_actor::behavior_type
triggers(messages::triggers_actor::stateful_pointer<triggers_actor_state> self,
         triggers_options options);

} // namespace troupe::actors
