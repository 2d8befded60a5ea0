// Questions about why something happened, or did not, and what came of it.
#pragma once

#include "engine/delivery.hpp"
#include "engine/executions.hpp"
#include "engine/past_runs.hpp"
#include "messages/commands.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace troupe::messages {

/// What was decided about an event.
struct decision_search {
  contact_reference contact; // neither id nor identity: whose event it is
  engine::position event{};  // 0: the newest of the contact
  /// And what became of the runs that the event started.
  bool with_executions = false;
};

struct decision_found {
  std::optional<engine::error> failure;
  std::optional<engine::turn> turn; // none: the contact has had no event
  /// Runs of the same contact before it, and after it.
  engine::past_runs before;
  engine::past_runs after;
  /// How the deliveries to `turn->matched` went so far, in that order.
  std::vector<engine::delivery_status> deliveries;
  // When they were asked for:
  std::vector<engine::execution> executions;
  bool cut = false; // the contact has had too many turns since for all of them
};

/// What an event caused, over all contacts.
struct trace_search {
  engine::workspace_id workspace{};
  engine::position event{};
};

inline constexpr std::size_t trace_depth_max = 16;
inline constexpr std::size_t trace_effects_max = 1000;

struct traced_turn {
  engine::turn what;
  std::size_t depth = 0; // messages between it and the event
  /// Per message of the turn: the turn that took it, by its place in the list;
  /// 0: none that was found.
  std::vector<std::size_t> taken_by;
  /// Which runs the turn started, moved or ended; without those that began too
  /// long ago to be found.
  std::vector<engine::past_run> runs;
};

struct trace_found {
  std::optional<engine::error> failure;
  std::vector<traced_turn> turns; // the event's first
  bool truncated = false;
};

} // namespace troupe::messages
