// Who asks, once a key has been checked.
#pragma once

#include "engine/ids.hpp"

#include <cstdint>

namespace troupe::http {

struct caller {
  engine::workspace_id workspace{};
  std::uint32_t scopes = 0;
};

} // namespace troupe::http
