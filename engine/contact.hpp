// The state of one contact, and the only function that changes it.
#pragma once

#include "engine/copy_on_write.hpp"
#include "engine/identity.hpp"
#include "engine/run.hpp"
#include "engine/segment_state.hpp"
#include "engine/turn.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe::engine {

struct contact_state {
  workspace_id workspace{};
  contact_id id{};
  std::uint64_t seq = 0; // number of the last turn; 0: none yet
  timestamp last_at{};
  position last_turn{};
  position skip_turn{}; // the last turn whose number is a multiple of 64
  std::uint32_t runs_started = 0;
  std::int64_t score = 0;
  copy_on_write<std::vector<identity>> identities;
  copy_on_write<boost::json::object> attributes;
  copy_on_write<std::vector<std::string>> tags;        // sorted
  copy_on_write<std::vector<copy_on_write<run>>> runs; // by number
  copy_on_write<std::vector<entry_history>> entries;
  copy_on_write<std::vector<std::uint32_t>> paused;  // runs, by number
  copy_on_write<std::vector<std::uint32_t>> overdue; // runs, by number
  copy_on_write<std::vector<counted_send>> sends;    // oldest first
  copy_on_write<std::vector<contact_id>> absorbed;   // by merges, oldest first
  copy_on_write<segment_state> segments;
  copy_on_write<preference_list> preferences;
  copy_on_write<contact_session> session; // without id: none is open
  copy_on_write<std::vector<checklist_progress>> checklists; // by key
  copy_on_write<nudge_list> nudges;

  /// @returns the newest value of the kind, or nothing.
  [[nodiscard]] const identity* find(identity_kind kind) const;
  [[nodiscard]] bool holds(identity_kind kind, std::string_view key) const;
  [[nodiscard]] const run* find_run(std::uint32_t number) const;
  [[nodiscard]] bool is_paused(std::uint32_t number) const;
  /// Its wait ended during a pause.
  [[nodiscard]] bool is_overdue(std::uint32_t number) const;
};

/// Of more sends the oldest are forgotten before their time.
inline constexpr std::size_t counted_sends_max = 1000;

inline constexpr std::uint64_t skip_interval = 64;

/// Applies one change of a turn. Its meaning per kind never changes: stored
/// turns are replayed by later releases.
void apply_change(contact_state& state, const change& what,
                  const turn_stamp& stamp);

// In segment_state.cpp: those that are about segments.
void apply_change(contact_state& state, const tallies_begun& what);
void apply_change(contact_state& state, const event_tallied& what,
                  const turn_stamp& stamp);
void apply_change(contact_state& state, const segment_moved& what);
void forget_tallies(contact_state& state);

/// Applies a committed turn.
/// @pre turn.stamp.seq == state.seq + 1
void apply(contact_state& state, const turn& committed);

} // namespace troupe::engine
