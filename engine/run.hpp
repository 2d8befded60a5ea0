// A contact's way through a sequence, and what is left of it afterwards.
#pragma once

#include "engine/ids.hpp"
#include "engine/time.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

/// Of a run's vars: variables of its texts, by channel.
inline constexpr std::string_view channel_variables_name = "channel_variables";

/// What re-entry and cooldown rules ask about the runs of one sequence.
struct entry_history {
  sequence_id sequence{};
  std::string re_entry_key;
  timestamp last_started{};
  timestamp last_ended{}; // epoch: never
};

/// What frequency caps count.
struct counted_send {
  sequence_id sequence{};
  destination_id channel{};
  timestamp at{};
  auto operator<=>(const counted_send&) const = default;
};

} // namespace troupe::engine
