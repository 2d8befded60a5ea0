// How old turns go: what both stores do alike.
#pragma once

#include "engine/ids.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::persistence {

/// Of a workspace, by its settings (JSON).
std::int64_t retention_days_of(std::string_view settings);

/// Between two steps that take turns away: commits wait for one.
inline constexpr auto retention_pause = std::chrono::milliseconds{100};
/// Between two looks at whether anything became old.
inline constexpr auto retention_interval = std::chrono::hours{1};
/// Contacts that one step writes a snapshot of.
inline constexpr std::int64_t folded_at_once = 64;

} // namespace troupe::persistence
