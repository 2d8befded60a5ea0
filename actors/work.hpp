// What actors say among themselves about storing, reading and delivering.
#pragma once

#include "engine/decide.hpp"
#include "engine/error.hpp"
#include "messages/commands.hpp"
#include "messages/contacts.hpp"
#include "messages/deliveries.hpp"
#include "messages/outgoing_call.hpp"
#include "messages/protocol.hpp"
#include "messages/test_clock.hpp"
#include "persistence/erasure_rows.hpp"
#include "persistence/queries.hpp"

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::actors {

/// The clock of business time; tests bring their own.
using clock_source = std::function<engine::timestamp()>;

engine::timestamp system_time();

/// How often an input may look for its contact again (design.md 4).
inline constexpr std::uint32_t tries_max = 3;

/// What an input hears that looked too often.
engine::error gave_up();

/// What an event hears that waited, and whose row is gone.
engine::error has_happened();

/// Turns to be committed, and the contact that waits for them.
struct commit_wish {
  persistence::commit_unit unit;
  caf::strong_actor_ptr contact;
};

struct commit_group {
  std::vector<commit_wish> wishes;
};

struct commit_answer {
  persistence::unit_outcome outcome;
};

/// The outcomes of one group, each with the contact that waits for it.
struct group_outcome {
  struct item {
    caf::strong_actor_ptr contact;
    commit_answer answer;
  };
  std::vector<item> items;
};

struct contact_loaded {
  std::optional<engine::error> failure;
  persistence::loaded_contact loaded;
};

struct identity_query {
  engine::workspace_id workspace{};
  std::vector<engine::identity> asked;
};

struct identities_resolved {
  std::optional<engine::error> failure;
  std::vector<engine::identity_owner> owners; // in the order asked
};

/// Marks the owners that cannot become one with others.
void keep_apart(std::vector<engine::identity_owner>& owners,
                const std::vector<engine::contact_id>& apart);

struct history_query {
  engine::workspace_id workspace{};
  engine::contact_id contact{};
  std::vector<engine::contact_id> also; // that it is about to absorb
  engine::history_request what;
};

struct history_found {
  std::optional<engine::error> failure;
  std::vector<engine::past_event> events; // oldest first
};

/// An event whose identities are of contacts that are one by it.
struct merge_wish {
  messages::ingest command; // with one owner per identity
  std::vector<engine::contact_id> contacts;
};

struct yield_wish {
  engine::workspace_id workspace{};
  engine::contact_id contact{};
};

/// A contact that stands still, or why there is none.
struct yielded {
  std::optional<engine::error> failure;
  messages::contact_actor who;
  engine::contact_state state;
  bool gone = false; // it is part of another one, or never came to be
};

struct absorption {
  messages::ingest command;
  std::vector<engine::contact_state> taken; // in order
};

struct absorbed {
  messages::ingest_answer answer;
  bool merged = false;
  /// Nothing happened: the event has to look for its contacts again.
  bool again = false;
};

struct turn_found {
  std::optional<engine::error> failure;
  engine::turn turn;
};

struct due_query {
  /// Of this test workspace, and nothing `after`; 0: of all that are live.
  engine::workspace_id test_workspace{};
  engine::timestamp until{};
  std::optional<persistence::due_timer> after_timer;
  std::optional<persistence::inbox_row> after_message;
  std::size_t limit = 1000; // of each
};

struct due_page {
  std::optional<engine::error> failure;
  std::vector<persistence::due_timer> timers;
  std::vector<persistence::inbox_row> messages;
};

/// Turns by their positions.
struct caused_search {
  std::vector<engine::position> turns;
};

struct delivery_pull {
  persistence::delivery_key after; // of first attempts
  bool retries = false;            // else first attempts
  std::string channel; // that they go over; empty: to whom is nobody's choice
  engine::timestamp now{};
  std::size_t limit = 0;
};

struct pulled_delivery {
  persistence::delivery_key key;
  std::uint32_t attempts = 0;       // made before
  std::uint32_t replayed_after = 0; // of these, before the last replay
  engine::turn turn;
  bool is_wanted = true; // by the contact, as things are now
};

struct deliveries_pulled {
  std::optional<engine::error> failure;
  std::vector<pulled_delivery> deliveries;
};

/// An attempt that ended.
struct attempt_outcome {
  pulled_delivery delivery;
  messages::call_outcome outcome;
  /// As sent, without those of the signature.
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Deliveries of one destination that shall be made again.
struct delivery_replay {
  engine::destination_id destination{};
  std::vector<persistence::delivery_key> keys;
  persistence::admin_row note;
};

struct delivery_replayed {
  std::optional<engine::error> failure;
  std::size_t count = 0; // without those under way
};

struct trigger_query {
  engine::workspace_id workspace{};
  engine::inbox_id id;
};

struct trigger_loaded {
  std::optional<engine::error> failure;
  persistence::trigger_row row;
};

/// A contact that stands still, to be erased.
struct erasure_order {
  persistence::erasure_wish wish;
};

/// What a group made durable, for those who act on it.
struct durable_notice {
  std::vector<persistence::due_timer> timers;
  std::vector<persistence::inbox_row> messages;
  std::vector<engine::destination_id> destinations;
  bool timers_released = false; // of sequences that are not paused any more
};

struct follow_query {
  messages::event_search search;
  /// Exclusive. Nothing: where the store ends now, and no events.
  std::optional<engine::position> after;
};

struct followed_page {
  std::optional<engine::error> failure;
  std::vector<engine::turn> turns; // oldest first
  engine::position seen{};         // all up to here was looked at
  bool has_more = false;           // the store goes on behind it
};

struct row_change {
  std::vector<persistence::any_row> rows;
  std::optional<persistence::admin_row> note;
};

struct row_changed {
  std::optional<engine::error> failure;
  std::vector<persistence::any_row> rows; // as stored, with their ids
};

struct rows_loaded {
  std::optional<engine::error> failure;
  std::vector<persistence::workspace_row> workspaces;
  std::vector<persistence::key_row> keys;
  std::vector<persistence::sequence_row> sequences;
  std::vector<persistence::destination_row> destinations;
  std::vector<persistence::event_type_row> event_types; // described ones
  std::vector<persistence::template_row> templates;
  std::vector<persistence::segment_row> segments;
  std::vector<persistence::named_row> named;
  std::uint64_t newest_job = 0; // its definitions are among the rows
};

/// The job to go on with, if there is one, and the contacts that are next.
struct review_query {
  std::size_t limit = 0;
};

struct review_work {
  std::optional<engine::error> failure;
  std::optional<persistence::job_row> job;
  std::vector<engine::contact_id> contacts;
};

} // namespace troupe::actors
