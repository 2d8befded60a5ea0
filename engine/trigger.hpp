// What shall happen later, or to many contacts, and how far it is.
#pragma once

#include "engine/event.hpp"
#include "engine/executions.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::engine {

/// Append only: numbers are stored.
enum class trigger_kind : std::uint8_t {
  event = 1,    // one event, for one contact
  workflow = 2, // a run of one sequence for each of some contacts
};

/// Append only: numbers are stored.
enum class trigger_status : std::uint8_t {
  scheduled = 1,
  queued = 2,
  processing = 3, // all that follows from it is under way
  completed = 4,  // nothing follows from it, or all of it is over
  failed = 5,
  cancelled = 6,
};

/// Not begun yet.
constexpr bool is_waiting(trigger_status what) {
  return what == trigger_status::scheduled || what == trigger_status::queued;
}

/// What shall happen later, or to many: a row of its own and one of the inbox,
/// which is there as long as it waits. Put as a new one, unless a row of the
/// same day has its key; or, by its id, as what became of one that waits.
struct trigger_row {
  inbox_id id;
  workspace_id workspace{};
  trigger_kind kind{};
  trigger_status status{};
  timestamp created_at{};
  timestamp due{};
  std::optional<timestamp> started_at = std::nullopt;
  std::optional<timestamp> ended_at = std::nullopt;
  position turn{};    // of an event that happened
  std::string reason; // why it ended without one; or empty
  std::string wish;   // JSON text; empty when it waits no more
  std::optional<idempotency> key = std::nullopt;
  contact_id next{}; // of many: looked at last; 0: none yet
  /// Not stored. Of one that was put: it was as it had to be, and is as given.
  bool changed = false;
};

/// Waiting ones of a workspace.
inline constexpr std::uint64_t waiting_triggers_max = 100'000;

/// A contact that a trigger began something for. Put: what came of it.
struct trigger_contact_row {
  workspace_id workspace{};
  inbox_id trigger;
  contact_id contact{};
  position turn{}; // 0: it could not begin
  /// Absent: not known to be over.
  std::optional<execution_status> outcome = std::nullopt;
  timestamp ended_at{};
  std::string reason; // why it could not begin; or empty
};

/// Contacts of a trigger.
struct trigger_counts {
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  std::uint64_t filtered = 0;
  std::uint64_t under_way = 0;
  timestamp ended_at{}; // the last of those that are over
};

} // namespace troupe::engine
