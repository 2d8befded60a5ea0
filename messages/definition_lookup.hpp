// What documents and lists of definitions show that only the store knows.
#pragma once

#include "engine/error.hpp"
#include "engine/turn.hpp"
#include "messages/catalog.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::messages {

/// The definition of a version; with its sequence's live runs when asked for.
struct version_lookup {
  engine::sequence_id sequence{};
  std::uint32_t version = 0;
  bool with_runs = false;
};

/// Runs of a sequence over all contacts, newest first.
struct run_lookup {
  engine::sequence_id sequence{};
  std::optional<engine::run_status> status; // absent: any
  engine::position before{};                // 0: from the newest
  std::uint32_t before_ordinal = 0;
  std::size_t limit = 50;
};

/// How the attempts of endpoints went.
struct health_lookup {
  std::vector<engine::destination_id> endpoints;
};

struct event_type_lookup {
  std::string name;                      // of the one wanted; or empty, and
  std::optional<event_type_state> state; // absent: any
  std::uint64_t after = 0;               // a number
  std::size_t limit = 50;
};

struct segment_lookup {
  engine::segment_id segment{};
};

struct job_lookup {
  std::string text_id;
};

/// Who would be in a segment, of the newest contacts.
struct segment_preview {
  engine::condition rule;
  std::shared_ptr<const engine::definitions> with;
  engine::timestamp now{};
};

/// How far contacts came in a period.
struct funnel_lookup {
  engine::funnel what;
  engine::event_names names;
  engine::timestamp since{}; // inclusive
  engine::timestamp until{}; // exclusive
};

struct definition_lookup {
  engine::workspace_id workspace{};
  std::variant<version_lookup, run_lookup, health_lookup, event_type_lookup,
               segment_lookup, job_lookup, segment_preview, funnel_lookup>
    what;
};

struct job_found {
  std::string text_id;
  std::string kind;
  std::string subject;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  engine::timestamp created_at{};
  std::optional<engine::timestamp> finished_at;
};

struct segment_counts {
  std::uint64_t contacts = 0; // in it
  std::uint64_t looked_at = 0;
  std::uint64_t total = 0; // of the workspace
};

/// Live runs that rest in a node.
struct resting_runs {
  std::uint32_t version = 0;
  std::string node;
  std::uint64_t runs = 0;
};

struct listed_run {
  engine::contact_id contact{};
  std::uint32_t version = 0;
  engine::run_status status{};
  std::string node;
  engine::timestamp entered_at{};
  std::optional<engine::timestamp> wake_at;
  std::uint32_t ordinal = 0;
  engine::turn started; // the turn that started it
};

struct endpoint_health {
  engine::destination_id endpoint{};
  engine::timestamp last_at{};
  std::uint32_t last_status = 0; // 0: no answer
  std::uint64_t failures = 0;    // since the last success
};

struct listed_event_type {
  std::uint64_t number = 0;
  std::string name;
  event_type_state state{};
  std::string description;
  std::string schema; // JSON text; empty: none
  engine::timestamp created_at{};
  engine::timestamp updated_at{};
};

/// What was asked for; the rest is empty.
struct definition_found {
  std::optional<engine::error> failure;
  std::string definition; // JSON text
  std::vector<resting_runs> resting;
  std::vector<listed_run> runs;
  bool has_more = false;
  engine::position next{}; // where the list of runs goes on
  std::uint32_t next_ordinal = 0;
  std::vector<endpoint_health> health; // of those that had an attempt
  std::vector<listed_event_type> event_types;
  segment_counts segment;
  job_found job;
  std::vector<std::uint64_t> reached; // contacts, by step
};

} // namespace troupe::messages
