// What readers of the store are asked, and what they find.
#pragma once

#include "engine/contact.hpp"
#include "engine/statistics.hpp"
#include "persistence/definition_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::persistence {

struct loaded_contact {
  engine::contact_state state;
  std::uint64_t snapshot_seq = 0; // 0: there is no snapshot yet
  contact_id merged_into{};       // 0: it is part of no other
};

struct due_timer {
  workspace_id workspace{};
  contact_id contact{};
  engine::timer what;
};

struct event_query {
  workspace_id workspace{};
  std::optional<contact_id> contact; // and all it absorbed
  std::vector<contact_id> also;      // further ones, with all they absorbed
  std::vector<std::string> types; // any of; "order.*" is a prefix; empty: all
  std::optional<timestamp> since; // inclusive
  std::optional<timestamp> until; // exclusive
  std::string request_id;         // empty: any
  bool with_events = true;
  bool with_platform = true; // also those that Troupe itself made
  std::vector<engine::intervention_kind> interventions; // as well
  position before{};                                    // 0: from the newest
  std::size_t limit = 50;
  std::size_t scanned_max = 0; // turns to look at; 0: all
};

/// Newest first.
struct turn_page {
  std::vector<engine::turn> turns;
  bool has_more = false;
  position next{}; // where a search that saw `scanned_max` turns goes on
};

/// Deliveries of one destination, newest first.
struct delivery_query {
  destination_id destination{};
  std::vector<delivery_status> statuses; // any of; empty: all
  std::optional<timestamp> since;        // of its turn; inclusive
  std::optional<timestamp> until;        // exclusive
  delivery_key before;                   // turn 0: from the newest
  std::size_t limit = 50;
  std::size_t scanned_max = 0; // rows to look at; 0: all
};

struct delivery_page {
  std::vector<delivery_row> deliveries;
  bool has_more = false;
  delivery_key next; // where it goes on; set with has_more
};

/// Rows of one workspace, newest first.
struct admin_query {
  workspace_id workspace{};
  std::string action;             // exact, or "key.*"; empty: all
  std::optional<timestamp> since; // inclusive
  std::optional<timestamp> until; // exclusive
  std::string request_id;         // empty: any
  std::uint64_t before = 0;       // an id; 0: from the newest
  std::size_t limit = 50;
};

/// Rows of one workspace, newest first.
struct rejected_query {
  workspace_id workspace{};
  std::string code;         // empty: any
  std::uint64_t before = 0; // a number; 0: from the newest
  std::size_t limit = 50;
};

struct trigger_contact_query {
  engine::inbox_id trigger;
  bool unsettled = false; // only those that are not known to be over
  std::optional<engine::execution_status> outcome; // only those
  contact_id after{};                              // exclusive
  std::size_t limit = 50;
};

struct event_type_query {
  workspace_id workspace{};
  std::string name;                        // of the one wanted; or empty, and
  std::optional<definition_status> status; // absent: any
  std::uint64_t after = 0;                 // an id
  std::size_t limit = 50;
};

// -- runs of a sequence -------------------------------------------------------

/// Live runs that rest in a node.
struct node_count {
  std::uint32_t version = 0;
  std::string node;
  std::uint64_t runs = 0;
};

struct run_query {
  sequence_id sequence{};
  std::optional<engine::run_status> status; // absent: any
  position before{};                        // 0: from the newest
  std::uint32_t before_ordinal = 0;
  std::size_t limit = 50;
  std::size_t scanned_max = 20'000; // rows to look at
};

struct run_row {
  sequence_id sequence{};
  position started_turn{};
  std::uint32_t ordinal = 0;
  contact_id contact{};
  std::uint32_t version = 0;
  engine::run_status status{};
  std::string node;
  timestamp entered_at{};
  std::optional<timestamp> wake_at;
};

/// Newest first.
struct run_page {
  std::vector<run_row> runs;
  bool has_more = false;
  // Where the search goes on when there is more.
  position next{};
  std::uint32_t next_ordinal = 0;
};

} // namespace troupe::persistence
