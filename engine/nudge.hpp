// The inbox of a contact: what a product shows it inside itself. The state
// holds which nudges there are and how far each came; what one says is in the
// turn that sent it.
#pragma once

#include "engine/ids.hpp"
#include "engine/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::engine {

/// In the order in which a nudge goes through them. Append only: numbers are
/// stored.
enum class nudge_status : std::uint8_t {
  unread = 1,
  shown = 2,
  clicked = 3,
  dismissed = 4,
};

inline constexpr std::array nudge_status_names{
  std::pair{nudge_status::unread, std::string_view{"unread"}},
  std::pair{nudge_status::shown, std::string_view{"shown"}},
  std::pair{nudge_status::clicked, std::string_view{"clicked"}},
  std::pair{nudge_status::dismissed, std::string_view{"dismissed"}}};

struct nudge {
  std::string id;                // "ndg_…": the same over crash and replay
  position turn{};               // that sent it
  std::uint32_t ordinal = 0;     // of the turn's sends, from 1
  position run_turn{};           // the run that sent it began in this turn,
  std::uint32_t run_ordinal = 0; // as this one of those it began,
  timestamp run_started_at{};    // at this time
  timestamp at{};
  timestamp expires_at{};
  nudge_status status = nudge_status::unread;
  timestamp moved_at{}; // into the status
};

/// The oldest first.
using nudge_list = std::vector<nudge>;

/// Of one contact. Of more, those that were dismissed go first, then the
/// oldest.
inline constexpr std::size_t nudges_max = 100;
inline constexpr duration nudge_life = std::chrono::days{30};
inline constexpr duration nudge_life_max = std::chrono::days{365};

/// Null when it is not in the inbox.
const nudge* find_nudge(const nudge_list& all, std::string_view id);

/// Adds one; those that are over at `now` go.
void put_nudge(nudge_list& all, nudge fresh, timestamp now);

/// Never backwards.
void move_nudge(nudge_list& all, std::string_view id, nudge_status to,
                timestamp at);

/// What an event of a client says became of a nudge: `$nudge_shown` and the
/// like. Nothing for other events.
std::optional<nudge_status> nudge_status_of(std::string_view event);

// -- changes of the contact's state -------------------------------------------

/// A send of the turn is in the contact's inbox.
struct nudge_put {
  std::string id;
  std::uint32_t ordinal = 0; // of the turn's sends, from 1
  std::uint32_t run = 0;     // that sends it
  timestamp expires_at{};
};

struct nudge_moved {
  std::string id;
  nudge_status to{};
};

/// Of a contact that is absorbed.
struct nudge_inherited {
  nudge what;
};

} // namespace troupe::engine
