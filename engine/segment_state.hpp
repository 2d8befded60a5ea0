// What a contact keeps for segments: which it is in, and what its events add
// up to.
#pragma once

#include "engine/copy_on_write.hpp"
#include "engine/ids.hpp"
#include "engine/tally.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace troupe::engine {

struct segment_state {
  /// Of the tallies (of `definitions`) that are complete: one that is not here
  /// is then of no events.
  std::uint64_t known_tallies = 0;
  /// Of the segments that it was looked at for.
  std::uint64_t known_segments = 0;
  std::vector<copy_on_write<tally>> tallies; // by id
  std::vector<segment_id> in;                // sorted
  /// When an event next leaves the span a segment asks about.
  std::optional<timestamp> wake_at;

  [[nodiscard]] const tally* find(tally_id id) const;
  [[nodiscard]] bool is_in(segment_id id) const;

  [[nodiscard]] bool empty() const {
    return known_tallies == 0 && known_segments == 0 && tallies.empty()
           && in.empty() && !wake_at;
  }
};

} // namespace troupe::engine
