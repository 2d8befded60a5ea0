// The heart of Troupe: one input of one contact becomes one turn. Pure: no
// clock, no random source, no store (design.md, law 1).
#pragma once

#include "engine/contact.hpp"
#include "engine/definitions.hpp"
#include "engine/event.hpp"
#include "engine/turn.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::engine {

/// An event from a door, with what the store says of those of its identities
/// that the contact does not hold.
struct event_input {
  incoming_event event;
  std::vector<identity_owner> owners;
  /// It came with a merge: open waits see it, but it starts no sequence.
  bool merged = false;
};

/// A timer that is due.
struct timer_input {
  timer what;
};

/// An event that another turn sent.
struct inbox_input {
  inbox_id id;
  std::uint32_t hops = 0;
  std::optional<identity> target; // what a contact that is new is known by
  event_record record;
  boost::json::object properties;
};

/// What a person does to a run. @pre check_intervention(state, what,
/// definitions) holds
struct intervention_input {
  intervention what;
  std::string request_id; // of the request that asked for it
  /// That asked for it: the turn is kept whatever comes of it, and there is one
  /// of each contact.
  std::optional<inbox_id> trigger;
};

/// A contact that becomes part of this one.
/// @pre neither changes until the turn is committed
struct merge_input {
  contact_state absorbed;
};

using turn_input = std::variant<event_input, timer_input, inbox_input,
                                merge_input, intervention_input>;

/// What waits that look back and tallies that begin ask for: events before this
/// turn, oldest first.
struct history_request {
  timestamp since{};
  std::vector<event_pattern> events; // "*" alone

  void add(const event_pattern& wanted);
};

using decision = std::variant<turn, history_request>;

/// @param now the clock; the turn is stamped max(now, last turn + 1 µs)
/// @param history answer to an earlier history_request of the same input, or
/// nullptr
decision decide(const contact_state& state, const turn_input& input,
                const definitions& with, timestamp now,
                const std::vector<past_event>* history);

/// The turn that keeps an input whose decision failed. Nothing else changes,
/// but whose timer this was: its run has failed, or its session is closed.
/// @pre the input is no merge_input: what did not happen needs no keeping
turn park(const contact_state& state, const turn_input& input, timestamp now,
          std::string failure);

/// Timers of live runs that are due strictly before the stamp of an event that
/// arrives at `at`, in order of due: they are decided before it (the event wins
/// a tie). Those of paused sequences stay.
std::vector<timer> overdue(const contact_state& state, const definitions& with,
                           timestamp at);

/// True when what the timer was set for still waits for it.
bool is_current(const contact_state& state, const timer& what);

} // namespace troupe::engine
