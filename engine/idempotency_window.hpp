#pragma once

#include "engine/time.hpp"

namespace troupe::engine {

/// How long a used key answers with its first result.
inline constexpr duration idempotency_window = std::chrono::hours{24};

} // namespace troupe::engine
