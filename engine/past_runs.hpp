// Runs of one contact as its turns tell of them, those that ended included.
#pragma once

#include "engine/turn.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace troupe::engine {

struct past_run {
  std::uint32_t number = 0;
  sequence_id sequence{};
  std::uint32_t version = 0;
  position started_turn{};
  timestamp started_at{};
  std::uint32_t ordinal = 0; // of the runs its first turn started
  std::string node;          // where it rests, or rested last
  std::optional<timestamp> wake_at;
  run_status status = run_status::active;
  std::string reason; // why it ended
  timestamp ended_at{};
};

class past_runs {
public:
  /// Turns of one contact, the oldest first.
  void add(const turn& next);

  /// Null for one that started before the turns that were added.
  [[nodiscard]] const past_run* find(std::uint32_t number) const;

  /// The newest one of the sequence that is live, or that is not.
  [[nodiscard]] const past_run* newest(sequence_id sequence, bool live) const;

private:
  void add(const change& what, const turn_stamp& stamp);

  std::map<std::uint32_t, past_run> runs_; // by number
};

} // namespace troupe::engine
