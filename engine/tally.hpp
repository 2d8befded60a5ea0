// Tallies: what a contact's events of one kind add up to, kept with the contact
// so that a condition can ask how many there were without reading them again.
#pragma once

#include "engine/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace troupe::engine {

/// A hash of what is counted: the same wherever a definition says the same.
enum class tally_id : std::uint64_t {};

/// One event of a tally, or some that happened close together.
struct tallied_event {
  timestamp at{}; // of the newest
  std::uint32_t count = 1;
  double sum = 0;
  auto operator<=>(const tallied_event&) const = default;
};

struct tally {
  tally_id id{};
  duration reach{};   // the events of this last span are kept one by one
  bool whole = false; // the totals are of all events there ever were
  std::uint64_t count = 0;
  double sum = 0;
  std::optional<timestamp> last;
  std::vector<tallied_event> recent; // oldest first
  std::uint64_t recent_count = 0;    // events of `recent`; not stored
};

/// Of more, those that happened closest together become one: it leaves with the
/// later of them.
inline constexpr std::size_t recent_events_max = 128;

/// Sets recent_count, after `recent` came from elsewhere.
void count_recent(tally& of);

/// @param now older events than the reach before it are forgotten
void add(tally& to, const tallied_event& what, timestamp now);

/// How many there were in the last `within`, or ever, and their sum.
/// @pre within <= of.reach, or of.whole
std::uint64_t count_of(const tally& of, std::optional<duration> within,
                       timestamp now);
double sum_of(const tally& of, std::optional<duration> within, timestamp now);

/// When the next event is older than `within`; nothing when none is younger.
std::optional<timestamp> next_expiry(const tally& of, duration within,
                                     timestamp now);

} // namespace troupe::engine
