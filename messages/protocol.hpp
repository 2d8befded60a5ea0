// Who talks to whom: every actor interface of Troupe on one page. A handler
// that answers answers always, also on failure: failures are values inside the
// answer, so nobody waits for ever and nobody dies of an error.
#pragma once

#include "messages/fwd.hpp"
#include "messages/type_ids.hpp"

#include <caf/typed_actor.hpp>

#include <cstdint>

namespace troupe::messages {

/// A CONTACT: owns one contact's state; decides its turns.
using contact_actor = caf::typed_actor<
  // Decides one event; answers, or tells its reply, when the turn is durable.
  caf::replies_to<atom::ingest_atom, ingest_parcel>::with<ingest_answer>,
  // Decides the end of a wait; answers when the timer's row is gone.
  caf::replies_to<atom::fire_atom, persistence::due_timer>::with<status_answer>,
  // Decides an event another turn sent; answers when its row is gone.
  caf::replies_to<atom::deliver_atom,
                  persistence::inbox_row>::with<status_answer>,
  // Does what a person wants done to a run; answers when it is durable.
  caf::replies_to<atom::intervene_atom, run_intervention>::with<status_answer>,
  // Closes the contact for good; answers when that is durable.
  caf::replies_to<atom::erase_atom, erasure_wish>::with<status_answer>,
  // What came of the commit under way.
  caf::reacts_to<atom::commit_atom, actors::commit_answer>,
  // Stands still from the answer on, until it is released.
  caf::replies_to<atom::yield_atom>::with<actors::yielded>,
  // Decides that others become part of it, and the event that said so.
  caf::replies_to<atom::absorb_atom,
                  actors::absorption>::with<actors::absorbed>,
  // Goes on, or is part of that contact from now on (0: goes on).
  caf::reacts_to<atom::release_atom, std::uint64_t>,
  // Ends the contact once all that was sent before is answered.
  caf::reacts_to<atom::retire_atom>>;

/// A SHARD: owns a directory of identities and the contacts awake; the same
/// questions as a contact, passed on to the right one.
using shard_actor = caf::typed_actor<
  caf::replies_to<atom::ingest_atom, ingest_parcel>::with<ingest_answer>,
  // The same for events that bring their replies along.
  caf::reacts_to<atom::ingest_atom, ingest_group>,
  caf::replies_to<atom::fire_atom, persistence::due_timer>::with<status_answer>,
  caf::replies_to<atom::deliver_atom,
                  persistence::inbox_row>::with<status_answer>,
  caf::replies_to<atom::intervene_atom, run_intervention>::with<status_answer>,
  caf::replies_to<atom::erase_atom, erasure_wish>::with<status_answer>,
  // Stands a contact still, as above.
  caf::replies_to<atom::yield_atom, actors::yield_wish>::with<actors::yielded>,
  // Makes contacts one, then decides the event.
  caf::replies_to<atom::merge_atom, actors::merge_wish>::with<ingest_answer>,
  // A contact of this shard is part of another one: its actor may end.
  caf::reacts_to<atom::leave_atom, std::uint64_t>,
  // INTERNAL: puts idle contacts to sleep.
  caf::reacts_to<atom::tick_atom>>;

/// A MERGE: makes some contacts one for one event, and ends.
using merge_actor = caf::typed_actor<
  caf::replies_to<atom::merge_atom, actors::merge_wish>::with<ingest_answer>>;

/// PERSISTENCE: the only writer; commits in groups.
using persistence_actor = caf::typed_actor<
  // Commits turns of some contacts; they are told through the COURIER when
  // those are durable or refused.
  caf::reacts_to<atom::commit_atom, actors::commit_group>,
  // Makes the outcome of a delivery attempt durable.
  caf::replies_to<atom::record_atom,
                  persistence::attempt_row>::with<status_answer>,
  // Adds or replaces rows of the definitions or of access, all or none.
  caf::replies_to<atom::store_atom,
                  actors::row_change>::with<actors::row_changed>,
  // Makes deliveries due again.
  caf::replies_to<atom::replay_atom,
                  actors::delivery_replay>::with<status_answer>,
  // Adds to what was counted of events.
  caf::replies_to<atom::count_atom,
                  engine::statistics_batch>::with<status_answer>,
  // Closes a contact that stands still, and begins to erase it.
  caf::replies_to<atom::erase_atom, actors::erasure_order>::with<status_answer>,
  // INTERNAL: goes on erasing.
  caf::reacts_to<atom::erase_atom>,
  // INTERNAL: ends the group that gathered.
  caf::reacts_to<atom::flush_atom>,
  // INTERNAL: upkeep between groups.
  caf::reacts_to<atom::tick_atom>>;

/// The COLLECTOR takes what contacts want committed to PERSISTENCE. It runs on
/// the scheduler behind the contacts that are ready, so that theirs goes along.
using collector_actor = caf::typed_actor<
  // Something waits in the queue.
  caf::reacts_to<atom::flush_atom>>;

/// The COURIER hands the outcomes of a group to its contacts, so that the
/// writing thread wakes the scheduler once a group and not once a contact.
using courier_actor
  = caf::typed_actor<caf::reacts_to<atom::commit_atom, actors::group_outcome>>;

/// FOLLOWERS of PERSISTENCE hear what became durable: a hint, never the truth.
using follower_actor
  = caf::typed_actor<caf::reacts_to<atom::notice_atom, actors::durable_notice>>;

/// A READER: read-only look-ups; sees all that was acknowledged.
using reader_actor = caf::typed_actor<
  caf::replies_to<atom::load_atom, std::uint64_t>::with<actors::contact_loaded>,
  caf::replies_to<atom::resolve_atom,
                  actors::identity_query>::with<actors::identities_resolved>,
  caf::replies_to<atom::history_atom,
                  actors::history_query>::with<actors::history_found>,
  // The turn at a position.
  caf::replies_to<atom::replay_atom, std::uint64_t>::with<actors::turn_found>,
  caf::replies_to<atom::find_atom, event_search>::with<events_found>,
  caf::replies_to<atom::show_atom, contact_reference>::with<contact_shown>,
  caf::replies_to<atom::audit_atom, audit_search>::with<audit_found>,
  // Events that were not taken.
  caf::replies_to<atom::find_atom, rejected_search>::with<rejected_found>,
  // What came of a trigger; one that waits.
  caf::replies_to<atom::find_atom, trigger_search>::with<trigger_found>,
  caf::replies_to<atom::load_atom,
                  actors::trigger_query>::with<actors::trigger_loaded>,
  // Contacts that were erased.
  caf::replies_to<atom::find_atom, erasure_search>::with<erasures_found>,
  // Events after a position, the oldest first.
  caf::replies_to<atom::follow_atom,
                  actors::follow_query>::with<actors::followed_page>,
  // Who it is; the turns of one; many.
  caf::replies_to<atom::find_atom, contact_reference>::with<status_answer>,
  caf::replies_to<atom::show_atom, timeline_search>::with<contact_shown>,
  caf::replies_to<atom::find_atom, contact_search>::with<contacts_found>,
  caf::replies_to<atom::find_atom, delivery_search>::with<deliveries_found>,
  caf::replies_to<atom::show_atom, delivery_reference>::with<delivery_shown>,
  // What was decided about an event; what it caused.
  caf::replies_to<atom::explain_atom, decision_search>::with<decision_found>,
  caf::replies_to<atom::explain_atom, trace_search>::with<trace_found>,
  // What was due in a test workspace; what was kept of its deliveries.
  caf::replies_to<atom::explain_atom, actors::caused_search>::with<trace_found>,
  caf::replies_to<atom::find_atom, test_outbox_search>::with<test_outbox_found>,
  // What is in the inbox of a contact.
  caf::replies_to<atom::find_atom, nudge_search>::with<nudges_found>,
  // What lists of definitions show that the catalog does not hold.
  caf::replies_to<atom::find_atom, definition_lookup>::with<definition_found>,
  // Timers and inbox rows that are due.
  caf::replies_to<atom::due_atom, actors::due_query>::with<actors::due_page>,
  // Deliveries of one destination, first attempts or retries.
  caf::replies_to<atom::pull_atom,
                  actors::delivery_pull>::with<actors::deliveries_pulled>,
  // Contacts that a job looks at next.
  caf::replies_to<atom::pull_atom,
                  actors::review_query>::with<actors::review_work>,
  // All definitions and keys.
  caf::replies_to<atom::rows_atom>::with<actors::rows_loaded>>;

/// The REVIEWER: has contacts looked at again when segments changed.
using reviewer_actor = caf::typed_actor<
  // There may be a new job.
  caf::reacts_to<atom::change_atom>,
  // INTERNAL: tries again what failed.
  caf::reacts_to<atom::tick_atom>>;

/// TRIGGERS: has happen what was triggered to happen later, or to many.
using triggers_actor = caf::typed_actor<caf::replies_to<
  atom::deliver_atom, persistence::inbox_row>::with<status_answer>>;

/// The SCHEDULER: wakes contacts when timers and inbox rows are due.
using scheduler_actor
  = follower_actor::extend<caf::reacts_to<atom::tick_atom, std::uint64_t>>;

/// TEST CLOCKS: the scheduler of test workspaces, whose time it moves.
using test_clocks_actor = follower_actor::extend<
  // Moves a clock forward; answers when all that was due has happened.
  caf::replies_to<atom::change_atom, test_clock_wish>::with<test_clock_moved>,
  // INTERNAL: tries again what failed in that workspace.
  caf::reacts_to<atom::tick_atom, std::uint32_t>>;

/// A DISPATCHER: owns the deliveries of one destination.
using dispatcher_actor = caf::typed_actor<
  // There may be something new in the outbox.
  caf::reacts_to<atom::nudge_atom>,
  // Makes deliveries again, but those under way.
  caf::replies_to<atom::replay_atom,
                  actors::delivery_replay>::with<actors::delivery_replayed>,
  // The destinations changed, perhaps this one.
  caf::reacts_to<atom::change_atom>,
  // Answers once all that is in the outbox has an outcome.
  caf::replies_to<atom::settle_atom>::with<status_answer>,
  // INTERNAL: an attempt ended.
  caf::reacts_to<atom::ended_atom, actors::attempt_outcome>,
  // INTERNAL: looks for retries that are due.
  caf::reacts_to<atom::tick_atom>>;

/// DISPATCH: owns one dispatcher per destination.
using dispatch_actor = follower_actor::extend<
  // The destinations changed.
  caf::reacts_to<atom::change_atom>,
  // As a dispatcher.
  caf::replies_to<atom::replay_atom,
                  actors::delivery_replay>::with<actors::delivery_replayed>,
  // Sends an endpoint one delivery that is not kept, and says what came of it.
  caf::replies_to<atom::try_atom, endpoint_test>::with<definition_changed>,
  // As a dispatcher, for all destinations of that workspace.
  caf::replies_to<atom::settle_atom, std::uint32_t>::with<status_answer>,
  // INTERNAL: what came of it.
  caf::reacts_to<atom::ended_atom, actors::test_outcome>,
  // INTERNAL: it takes long.
  caf::reacts_to<atom::tick_atom, std::uint64_t>>;

/// DEFINITIONS: loads, checks, publishes what workspaces have.
using definitions_actor
  = caf::typed_actor<caf::replies_to<atom::change_atom, definition_change>::
                       with<definition_changed>,
                     // What is stored is no longer what was published.
                     caf::reacts_to<atom::change_atom>,
                     // INTERNAL: what was stored could not be read; try again.
                     caf::reacts_to<atom::tick_atom>>;

/// The FEED: tells followers of events what became durable.
using feed_actor = caf::typed_actor<
  caf::reacts_to<atom::follow_atom, event_follower, followed_slot>,
  // There is something new in the store.
  caf::reacts_to<atom::nudge_atom>,
  // A follower has room again.
  caf::reacts_to<atom::pull_atom>,
  // INTERNAL: lets quiet followers hear that they are followed.
  caf::reacts_to<atom::tick_atom>>;

/// STATISTICS: counts what events say, behind the commits.
using statistics_actor = caf::typed_actor<
  // Of one event type, with all that is durable now.
  caf::replies_to<atom::find_atom, statistics_search>::with<statistics_found>,
  // INTERNAL: goes on counting.
  caf::reacts_to<atom::tick_atom>>;

/// The GATEWAY: turns questions of io threads into requests and completes
/// their slots.
using gateway_actor = caf::typed_actor<
  caf::reacts_to<atom::ingest_atom, ingest_batch>,
  // INTERNAL: answers have gathered.
  caf::reacts_to<atom::flush_atom>,
  caf::reacts_to<atom::find_atom, event_search, events_found_slot>,
  caf::reacts_to<atom::show_atom, contact_reference, contact_shown_slot>,
  caf::reacts_to<atom::audit_atom, audit_search, audit_found_slot>,
  caf::reacts_to<atom::change_atom, definition_change, definition_changed_slot>,
  caf::reacts_to<atom::find_atom, definition_lookup, definition_found_slot>,
  caf::reacts_to<atom::try_atom, endpoint_test, definition_changed_slot>,
  caf::reacts_to<atom::intervene_atom, run_intervention, intervened_slot>,
  caf::reacts_to<atom::change_atom, contact_change, contact_changed_slot>,
  caf::reacts_to<atom::show_atom, timeline_search, contact_shown_slot>,
  caf::reacts_to<atom::find_atom, contact_search, contacts_slot>,
  caf::reacts_to<atom::find_atom, delivery_search, deliveries_slot>,
  caf::reacts_to<atom::show_atom, delivery_reference, delivery_shown_slot>,
  caf::reacts_to<atom::replay_atom, replay_wish, replayed_slot>,
  caf::reacts_to<atom::explain_atom, decision_search, decision_slot>,
  caf::reacts_to<atom::explain_atom, trace_search, trace_slot>,
  caf::reacts_to<atom::find_atom, statistics_search, statistics_slot>,
  caf::reacts_to<atom::change_atom, test_clock_wish, test_clock_slot>,
  caf::reacts_to<atom::find_atom, test_outbox_search, test_outbox_slot>,
  caf::reacts_to<atom::find_atom, nudge_search, nudges_slot>,
  caf::reacts_to<atom::store_atom, rejected_events, status_slot>,
  caf::reacts_to<atom::find_atom, rejected_search, rejected_slot>,
  caf::reacts_to<atom::store_atom, trigger_wish, trigger_kept_slot>,
  caf::reacts_to<atom::find_atom, trigger_search, trigger_found_slot>,
  caf::reacts_to<atom::erase_atom, erasure_wish, erasures_slot>,
  caf::reacts_to<atom::find_atom, erasure_search, erasures_slot>,
  // INTERNAL: answers events that are overdue.
  caf::reacts_to<atom::tick_atom>>;

} // namespace troupe::messages
