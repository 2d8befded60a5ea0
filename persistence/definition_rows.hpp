// What workspaces have, as rows: definitions, access, lists that people read.
#pragma once

#include "engine/access.hpp"
#include "engine/delivery.hpp"
#include "engine/rejected_event.hpp"
#include "engine/trigger.hpp"
#include "persistence/notice_row.hpp"
#include "persistence/rows.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::persistence {

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
  timestamp updated_at{};    // epoch: no person did anything to it
  std::string alias_of = {}; // what its type is called now; or empty
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

using rejected_row = engine::rejected_event;

using any_row
  = std::variant<workspace_row, key_row, sequence_row, sequence_state_row,
                 destination_row, event_type_row, template_row, segment_row,
                 job_row, named_row, test_clock_row, rejected_row, notice_row,
                 engine::trigger_row, engine::trigger_contact_row>;

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
