// What actors say among themselves about storing, reading and delivering.
#pragma once

#include "engine/decide.hpp"
#include "engine/error.hpp"
#include "messages/commands.hpp"
#include "messages/outgoing_call.hpp"
#include "persistence/rows.hpp"

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

struct history_query {
  engine::workspace_id workspace{};
  engine::contact_id contact{};
  engine::history_request what;
};

struct history_found {
  std::optional<engine::error> failure;
  std::vector<engine::past_event> events; // oldest first
};

struct turn_found {
  std::optional<engine::error> failure;
  engine::turn turn;
};

struct due_query {
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

struct delivery_pull {
  persistence::delivery_key after; // of first attempts
  bool retries = false;            // else first attempts
  engine::timestamp now{};
  std::size_t limit = 0;
};

struct pulled_delivery {
  persistence::delivery_key key;
  std::uint32_t attempts = 0; // made before
  engine::turn turn;
};

struct deliveries_pulled {
  std::optional<engine::error> failure;
  std::vector<pulled_delivery> deliveries;
};

/// An attempt that ended.
struct attempt_outcome {
  pulled_delivery delivery;
  messages::call_outcome outcome;
};

/// What a group made durable, for those who act on it.
struct durable_notice {
  std::vector<persistence::due_timer> timers;
  std::vector<persistence::inbox_row> messages;
  std::vector<engine::destination_id> destinations;
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
};

} // namespace troupe::actors
