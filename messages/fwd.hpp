// Names of what actors exchange; the protocol needs no more.
#pragma once

namespace troupe::engine {

struct statistics_batch;

} // namespace troupe::engine

namespace troupe::persistence {

struct attempt_row;
struct delivery_key;
struct due_timer;
struct inbox_row;

} // namespace troupe::persistence

namespace troupe::messages {

struct audit_found;
struct audit_search;
struct contact_change;
struct contact_changed;
struct contact_reference;
struct contact_search;
struct contact_shown;
struct contacts_found;
struct definition_change;
struct definition_changed;
struct decision_found;
struct decision_search;
struct deliveries_found;
struct delivery_reference;
struct delivery_search;
struct delivery_shown;
struct definition_found;
struct definition_lookup;
struct endpoint_test;
struct erasure_search;
struct erasure_wish;
struct erasures_found;
struct event_follower;
struct event_search;
struct events_found;
struct followed;
struct ingest;
struct ingest_answer;
struct ingest_batch;
struct ingest_group;
struct intervened;
struct nudge_search;
struct nudges_found;
struct rejected_events;
struct rejected_found;
struct rejected_search;
struct replay_wish;
struct replayed;
struct run_intervention;
struct statistics_found;
struct statistics_search;
struct status_answer;
struct test_clock_moved;
struct test_clock_wish;
struct test_outbox_found;
struct test_outbox_search;
struct timeline_search;
struct trace_found;
struct trace_search;
struct trigger_found;
struct trigger_kept;
struct trigger_search;
struct trigger_wish;

template <class T>
class parcel;

template <class T>
struct reply_slot;

} // namespace troupe::messages

namespace troupe::actors {

struct absorbed;
struct absorption;
struct attempt_outcome;
struct caused_search;
struct commit_answer;
struct commit_group;
struct contact_loaded;
struct deliveries_pulled;
struct delivery_pull;
struct delivery_replay;
struct delivery_replayed;
struct due_page;
struct due_query;
struct erasure_order;
struct follow_query;
struct followed_page;
struct group_outcome;
struct durable_notice;
struct history_found;
struct history_query;
struct identities_resolved;
struct identity_query;
struct merge_wish;
struct review_query;
struct review_work;
struct row_change;
struct row_changed;
struct rows_loaded;
struct test_outcome;
struct trigger_loaded;
struct trigger_query;
struct turn_found;
struct yield_wish;
struct yielded;

} // namespace troupe::actors
