// What goes into the store and comes out of it, as plain values.
#pragma once

#include "engine/access.hpp"
#include "engine/contact.hpp"
#include "engine/delivery.hpp"
#include "engine/error.hpp"
#include "engine/turn.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::persistence {

using engine::contact_id;
using engine::delivery_status;
using engine::destination_id;
using engine::position;
using engine::segment_id;
using engine::sequence_id;
using engine::timestamp;
using engine::workspace_id;

// -- writing turns ------------------------------------------------------------

/// A message to a contact, durable until the turn that consumes it.
struct inbox_row {
  engine::inbox_id id;
  timestamp due{};
  workspace_id workspace{};
  contact_id sender{};
  std::optional<engine::identity> target; // absent: the sender itself
  std::string type;
  std::string properties; // JSON text
  std::uint32_t hops = 0;

  // Of its way to the contact; not stored.
  contact_id found{};      // 0: by the target
  std::uint32_t tries = 0; // contacts that could not take it
  contact_id bounced_by{};
  bool bounced_for_good = false; // that contact never came to be
};

/// A delivery before its first outcome: destination, turn, and 0 for the event
/// itself or 1.. for the turn's sends.
struct delivery_key {
  destination_id destination{};
  position turn{};
  std::uint32_t ordinal = 0;
  auto operator<=>(const delivery_key&) const = default;
};

/// What a merge turn takes from a contact that has not changed since.
struct absorption_rows {
  contact_id contact{};
  std::uint64_t seq = 0; // of its last turn
  position last_turn{};
  std::vector<engine::identity> identities; // all it owns
  std::vector<engine::timer> timers;        // all it has
  struct moved_run {
    sequence_id sequence{};
    position started_turn{};
    std::uint32_t ordinal = 0;
    std::uint32_t number = 0; // in the survivor
  };
  std::vector<moved_run> runs;
};

/// One turn as the store wants it: the payload and the rows beside it.
struct turn_rows {
  std::uint64_t seq = 0;
  timestamp at{};
  engine::turn_kind kind{};
  std::string event_type; // empty when the turn has no event
  std::string payload;
  std::optional<engine::idempotency> key;
  timestamp key_used_at{}; // by the system's clock
  std::optional<engine::timer> fired;
  std::optional<engine::inbox_id> consumed;
  timestamp consumed_due{}; // of that inbox row
  std::vector<engine::identity> claimed;
  std::vector<engine::identity> released;
  std::vector<engine::timer> timers_set;
  std::vector<engine::timer> timers_cleared;
  std::vector<inbox_row> messages;
  std::vector<destination_id> matched;
  std::vector<destination_id> sends; // by ordinal - 1
  /// Where the turn left a run; each is there once.
  struct run_place {
    sequence_id sequence{};
    std::uint32_t version = 0;
    position started_turn{};  // 0: started by a turn of this unit
    std::uint32_t number = 0; // of the contact's runs
    std::uint32_t ordinal = 0;
    bool is_new = false; // started by this turn
    engine::run_status status = engine::run_status::active;
    std::string node;
    timestamp entered_at{};
    std::optional<timestamp> wake_at;
  };
  std::vector<run_place> runs;
  std::vector<segment_id> entered; // segments
  std::vector<segment_id> left;
  /// The timer that fired stays, for this paused sequence; 0: it goes.
  sequence_id held_for{};
  std::optional<absorption_rows> absorbs;
};

struct snapshot_row {
  std::uint64_t seq = 0;
  std::string state;
};

/// Turns of one contact, applied together or not at all.
struct commit_unit {
  workspace_id workspace{};
  contact_id contact{};
  position previous{}; // the contact's last turn; 0: a new contact
  position skip{};     // its last turn whose number is a multiple of 64
  std::vector<turn_rows> turns;
  std::optional<snapshot_row> snapshot; // of the state before these turns
};

/// The turns are durable at first, first + 1, ….
struct committed {
  position first{};
};

/// A precondition of turn `index` does not hold; nothing of the unit happened.
struct refused {
  enum class reason : std::uint8_t {
    key_used,       // by turn `holder`
    identity_taken, // `who` belongs to `owner`
    input_gone,     // the timer or inbox row was consumed before
    stale,          // a contact has other turns than the unit thinks
  };
  reason why{};
  std::size_t index = 0;
  position holder{};
  std::optional<engine::identity> who;
  contact_id owner{};
};

using unit_outcome = std::variant<committed, refused, engine::error>;

// -- deliveries ---------------------------------------------------------------

/// The outcome of one attempt, and what follows from it.
struct attempt_row {
  delivery_key key;
  workspace_id workspace{};
  std::uint32_t number = 0; // from 1
  timestamp at{};
  delivery_status status{};
  std::optional<timestamp> next_attempt_at;
  std::string detail; // JSON: status_code, error, request, response, timings
  /// Of an endpoint: the HTTP status it answered with, 0 without an answer.
  std::optional<std::uint32_t> answered = std::nullopt;
  /// What the contact is told of it, durable with it.
  std::optional<inbox_row> told = std::nullopt;
};

/// How the newest attempts of an endpoint went.
struct endpoint_health {
  destination_id destination{};
  timestamp last_at{};
  std::uint32_t last_status = 0; // 0: no answer
  std::uint64_t failures = 0;    // since the last success
};

struct due_delivery {
  delivery_key key;
  std::uint32_t attempts = 0;
  timestamp due{};
  std::uint32_t replayed_after = 0; // attempts before the last replay
};

/// A delivery as it is now; without an attempt it is in the outbox.
struct delivery_row {
  delivery_key key;
  delivery_status status = delivery_status::pending;
  std::uint32_t attempts = 0;
  std::optional<timestamp> next_attempt_at;
};

// -- definitions and access ---------------------------------------------------

struct workspace_row {
  workspace_id id{};
  std::string text_id; // "ws_…"
  std::string name;
  engine::workspace_kind kind = engine::workspace_kind::live;
  std::string settings = "{}"; // JSON text
  timestamp created_at{};
  /// Of a test workspace: what its clock showed when it was moved last.
  std::optional<timestamp> test_now = std::nullopt;
};

/// Moves the clock of a test workspace.
struct test_clock_row {
  workspace_id workspace{};
  std::string text_id; // of the workspace
  timestamp now{};
};

struct key_row {
  std::uint32_t id = 0;
  std::string text_id; // "key_…"
  workspace_id workspace{};
  std::string prefix;                  // shown, not secret
  std::array<std::uint8_t, 32> hash{}; // SHA-256 of the key
  std::uint32_t scopes = 0;            // bits
  bool revoked = false;
  engine::key_kind kind = engine::key_kind::secret;
  std::string name;
  timestamp created_at{};
};

/// Append only: numbers are stored.
enum class definition_status : std::uint8_t {
  draft = 1,
  active = 2,
  paused = 3,
  archived = 4,
  disabled = 5,   // an endpoint that failed for days
  discovered = 6, // an event type that came in an event and nothing more
};

struct sequence_row {
  sequence_id id{};
  std::string text_id; // "seq_…"
  workspace_id workspace{};
  std::string key;
  std::uint32_t version = 0;
  definition_status status{};
  std::string definition; // JSON text
  timestamp created_at{};
  timestamp published_at{}; // epoch: never
  // Of the sequence, in each of its versions' rows; put with
  // sequence_state_row.
  bool paused = false;
  bool archived = false;
  timestamp first_created_at{};
  timestamp updated_at{};
};

/// Changes what holds for a sequence whatever its version. Its timers that
/// were held are due again when it is not paused any more.
struct sequence_state_row {
  sequence_id id{};
  std::string text_id;
  workspace_id workspace{};
  bool paused = false;
  bool archived = false;
  timestamp updated_at{};
};

/// Append only: numbers are stored.
enum class destination_kind : std::uint8_t {
  webhook = 1, // a workspace's endpoint
  capture = 2, // a channel that keeps what it gets
  http = 3,    // a channel that makes a templated call
  step = 4,    // the calls of `http` nodes
  smtp = 5,    // a channel that sends e-mail
  nudge = 6,   // a channel that puts what it gets into the contact's inbox
};

/// What sends of sequences go over.
constexpr bool is_channel(destination_kind what) {
  return what == destination_kind::capture || what == destination_kind::http
         || what == destination_kind::smtp || what == destination_kind::nudge;
}

struct destination_row {
  destination_id id{};
  std::string text_id; // "whe_…", "cha_…"
  workspace_id workspace{};
  destination_kind kind{};
  std::string key; // of a channel
  definition_status status{};
  std::string settings;             // JSON text
  std::string secret;               // signing secret, or a password
  std::string previous_secret = {}; // signs too, until `previous_until`
  timestamp previous_until{};
  timestamp created_at{};
  /// The first of the failures since the last success. Not put.
  std::optional<timestamp> failing_since = std::nullopt;
  /// Put: the failures so far count no more.
  bool forgets_failures = false;
};

/// Put by workspace and name.
struct event_type_row {
  std::uint64_t id = 0;
  workspace_id workspace{};
  std::string name;
  definition_status status{};
  std::string description;
  std::string schema; // JSON text; empty: none
  timestamp created_at{};
  timestamp updated_at{}; // epoch: no person did anything to it
};

struct template_version {
  std::uint32_t number = 0;
  timestamp created_at{};
};

/// A template in its newest version. Put by workspace and key: as the next
/// version while `version` is 0, else only what holds for all versions.
struct template_row {
  std::uint64_t id = 0;
  std::string text_id; // "tpl_…"
  workspace_id workspace{};
  std::string key;
  std::string channel;
  bool archived = false;
  std::uint32_t version = 0;
  std::string parts; // JSON text
  timestamp created_at{};
  timestamp updated_at{};
  std::vector<template_version> versions = {}; // oldest first. Not put.
};

/// Put by workspace and key: a text id that is there already stays.
struct segment_row {
  segment_id id{};
  std::string text_id; // "sgm_…"
  workspace_id workspace{};
  std::string key;
  std::string name;
  std::string description;
  std::string condition; // JSON text
  std::uint32_t version = 0;
  bool archived = false;
  timestamp created_at{};
  timestamp updated_at{};
};

/// Contacts of a workspace that are looked at one after the other, the newest
/// first.
struct job_row {
  std::uint64_t id = 0;
  std::string text_id; // "job_…"
  workspace_id workspace{};
  std::string kind;    // "segment"
  std::string subject; // text id of what it is about
  contact_id next{};   // looked at last; 0: none yet
  std::uint64_t done = 0;
  std::uint64_t total = 0; // contacts there were when it began
  timestamp created_at{};
  std::optional<timestamp> finished_at = std::nullopt; // absent: it goes on
};

/// Append only: numbers are stored.
enum class named_kind : std::uint8_t {
  checklist = 1,
  funnel = 2,
  automation = 3, // one that is, or was, switched on
};

/// A small definition without versions. Put by workspace, kind and key.
struct named_row {
  std::uint64_t id = 0;
  std::string text_id; // "chk_…", "fun_…"
  workspace_id workspace{};
  named_kind kind{};
  std::string key;
  std::string body; // JSON text
  timestamp created_at{};
  timestamp updated_at{};
  bool removed = false; // put: it goes
};

using any_row
  = std::variant<workspace_row, key_row, sequence_row, sequence_state_row,
                 destination_row, event_type_row, template_row, segment_row,
                 job_row, named_row, test_clock_row>;

/// What an administrator did: written with the change, never changed.
struct admin_row {
  std::uint64_t id = 0;
  workspace_id workspace{};
  timestamp at{};
  std::string action;     // "key.created"
  std::string actor;      // "key_…", whose request it was
  std::string request_id; // of that request
  std::string subject;    // text id; empty: of the first row, once stored
  std::string details;    // JSON text
};

} // namespace troupe::persistence
