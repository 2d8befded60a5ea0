// What goes into the store and comes out of it, as plain values.
#pragma once

#include "engine/access.hpp"
#include "engine/contact.hpp"
#include "engine/delivery.hpp"
#include "engine/error.hpp"
#include "engine/trigger.hpp"
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
using engine::trigger_contact_row;
using engine::trigger_row;
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
  /// The trigger that has the turn, once for each contact.
  std::optional<engine::inbox_id> trigger;
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
    input_gone,     // the timer or inbox row was consumed before, or the
                    // contact has its turn of the trigger
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

} // namespace troupe::persistence
