#pragma once

namespace troupe::engine {

/// How long a workspace keeps its turns unless it says otherwise.
inline constexpr int retention_days_default = 400;

} // namespace troupe::engine
