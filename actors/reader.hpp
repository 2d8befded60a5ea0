// READER: owns one read-only connection. Spawned detached: reads block.
#pragma once

#include "actors/work.hpp"
#include "messages/definition_lookup.hpp"
#include "messages/erasures.hpp"
#include "messages/explain.hpp"
#include "messages/nudges.hpp"
#include "messages/protocol.hpp"
#include "messages/rejected.hpp"
#include "messages/triggers.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <vector>

namespace troupe::actors {

/// `contact_not_found`
engine::error no_contact();

struct reader_actor_state {
  static inline const char* name = "reader";

  contact_loaded load(engine::contact_id contact);
  identities_resolved resolve(const identity_query& query);
  history_found history(const history_query& query);
  turn_found replay(engine::position turn);
  messages::events_found find(const messages::event_search& search);
  messages::audit_found audit(const messages::audit_search& search);
  messages::contact_shown show(const messages::timeline_search& what);
  followed_page follow(const follow_query& query);
  messages::status_answer
  find_contact(const messages::contact_reference& reference);
  messages::contacts_found
  find_contacts(const messages::contact_search& search);
  messages::rejected_found
  find_rejected(const messages::rejected_search& search);
  messages::trigger_found find_trigger(const messages::trigger_search& search);
  trigger_loaded load_trigger(const trigger_query& query);
  messages::nudges_found find_nudges(const messages::nudge_search& search);
  messages::deliveries_found
  find_deliveries(const messages::delivery_search& search);
  messages::delivery_shown
  show_delivery(const messages::delivery_reference& one);
  messages::decision_found explain(const messages::decision_search& search);
  messages::trace_found trace(const messages::trace_search& search);
  messages::trace_found caused(const caused_search& search);
  messages::test_outbox_found
  find_kept(const messages::test_outbox_search& search);
  messages::erasures_found
  find_erasures(const messages::erasure_search& search);
  due_page due(const due_query& query);
  deliveries_pulled pull(const delivery_pull& what);
  review_work pull(const review_query& what);
  rows_loaded rows();
  messages::definition_found look_up(const messages::definition_lookup& asked);

  std::shared_ptr<persistence::store_reader> store;

private:
  due_page due_in_test(const due_query& query);
  messages::definition_found look_up(const messages::version_lookup& what);
  messages::definition_found look_up(const messages::run_lookup& what);
  messages::definition_found look_up(const messages::health_lookup& what);
  messages::definition_found look_up(const messages::event_type_lookup& what,
                                     engine::workspace_id workspace);
  messages::definition_found look_up(const messages::segment_lookup& what);
  messages::definition_found look_up(const messages::job_lookup& what,
                                     engine::workspace_id workspace);
  messages::definition_found look_up(const messages::segment_preview& what,
                                     engine::workspace_id workspace);
  engine::result<bool> would_enter(engine::contact_id contact,
                                   const engine::definitions& with,
                                   engine::segment_id segment,
                                   engine::timestamp now);
  using survivor_map = std::map<engine::contact_id, engine::contact_id>;

  messages::definition_found look_up(const messages::funnel_lookup& what,
                                     engine::workspace_id workspace);
  engine::status add_events(std::vector<engine::funnel_event>& events,
                            survivor_map& survivors,
                            const persistence::turn_page& page,
                            const engine::event_names& names);
  engine::result<engine::contact_id>
  contact_of(const messages::contact_reference& reference);
  engine::result<engine::contact_id> contact_at(engine::position turn);
  engine::status keep_contact(followed_page& page,
                              const messages::event_search& search);
  engine::status add_turns(messages::contact_shown& shown,
                           const messages::timeline_search& what);
  /// Turns that say what runs did, newest first, of a bound.
  engine::result<std::vector<engine::turn>>
  run_turns(engine::contact_id contact, engine::position before,
            engine::position since);
  engine::result<engine::turn>
  event_turn(const messages::decision_search& search,
             engine::contact_id survivor);
  engine::status add_executions(messages::decision_found& found);
  engine::status settle(messages::trigger_found& found);
  engine::status add_contacts(messages::trigger_found& found,
                              const messages::trigger_search& search);
  /// Of which trigger contacts were looked at, and which of them last.
  std::pair<engine::inbox_id, engine::contact_id> settled_until_;
  messages::decision_found decided_in(engine::workspace_id workspace,
                                      engine::position turn);
  engine::status complete(engine::execution_step& step);
  engine::result<std::vector<engine::delivery_status>>
  statuses_of(const engine::turn& what);
  engine::result<std::vector<engine::contact_id>>
  candidates(const messages::contact_search& search);
  engine::status complete(messages::delivery_seen& seen);
  engine::result<engine::contact_id> survivor_of(engine::contact_id contact);
  engine::result<bool> is_wanted(const engine::turn& sender,
                                 std::uint32_t ordinal,
                                 const std::string& channel);
  engine::result<persistence::turn_page>
  page_of(const messages::event_search& search, persistence::event_query asked);
};

messages::reader_actor::behavior_type
reader(messages::reader_actor::stateful_pointer<reader_actor_state> self,
       std::shared_ptr<persistence::store_reader> store);

} // namespace troupe::actors
