// The state of one contact, and the only function that changes it.
#pragma once

#include "engine/copy_on_write.hpp"
#include "engine/identity.hpp"
#include "engine/turn.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe::engine {

/// A run that has not ended: one contact in one version of a sequence.
struct run {
  std::uint32_t number = 0; // of the contact's runs, from 1
  sequence_id sequence{};
  std::uint32_t version = 0;
  std::string node;          // where it rests
  std::uint32_t visit = 0;   // of the run's nodes, from 1
  std::uint32_t ordinal = 0; // of the runs its first turn started
  position started_turn{};
  timestamp started_at{};
  timestamp entered_at{};
  std::optional<timestamp> wake_at;
  std::vector<std::uint32_t> counts; // per clause of the wait it rests in
  std::string re_entry_key;          // of a `per_key` rule
  boost::json::object vars;
};

/// What re-entry and cooldown rules ask about the runs of one sequence.
struct entry_history {
  sequence_id sequence{};
  std::string re_entry_key;
  timestamp last_started{};
  timestamp last_ended{}; // epoch: never
};

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
  copy_on_write<std::vector<std::uint32_t>> paused; // runs, by number

  /// @returns the newest value of the kind, or nothing.
  [[nodiscard]] const identity* find(identity_kind kind) const;
  [[nodiscard]] bool holds(identity_kind kind, std::string_view key) const;
  [[nodiscard]] const run* find_run(std::uint32_t number) const;
  [[nodiscard]] bool is_paused(std::uint32_t number) const;
};

inline constexpr std::uint64_t skip_interval = 64;

/// Applies one change of a turn. Its meaning per kind never changes: stored
/// turns are replayed by later releases.
void apply_change(contact_state& state, const change& what,
                  const turn_stamp& stamp);

/// Applies a committed turn.
/// @pre turn.stamp.seq == state.seq + 1
void apply(contact_state& state, const turn& committed);

} // namespace troupe::engine
