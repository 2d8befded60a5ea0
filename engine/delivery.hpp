// Words and names of deliveries: what one destination is told of one turn.
#pragma once

#include "engine/ids.hpp"
#include "engine/turn.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::engine {

/// Append only: numbers are stored.
enum class delivery_status : std::uint8_t {
  pending = 1, // the next attempt is due at once, or at next_attempt_at
  delivered = 2,
  failed = 3, // the schedule is over
  held = 4,   // the destination is paused or disabled
  dead = 5,   // refused for good
};

inline constexpr std::array delivery_status_names{
  std::pair{delivery_status::pending, std::string_view{"pending"}},
  std::pair{delivery_status::delivered, std::string_view{"delivered"}},
  std::pair{delivery_status::failed, std::string_view{"failed"}},
  std::pair{delivery_status::held, std::string_view{"held"}},
  std::pair{delivery_status::dead, std::string_view{"dead"}}};

/// Which delivery of which turn.
struct delivery_name {
  destination_id destination{};
  position turn{};
  std::uint32_t ordinal = 0; // 0: the turn's event; n: its n-th send
};

/// "dlv_…" of a delivery of the turn: the same over every attempt.
std::string delivery_id(const turn& of, destination_id destination,
                        std::uint32_t ordinal, const id_text& ids);

/// Nothing when it is no id of the workspace.
std::optional<delivery_name> parse_delivery_id(workspace_id workspace,
                                               std::string_view text,
                                               const id_text& ids);

} // namespace troupe::engine
