// A notice on its way into the store.
#pragma once

#include "engine/ids.hpp"
#include "engine/time.hpp"

#include <string>
#include <vector>

namespace troupe::persistence {

/// Told to endpoints, and about no contact: kept as a turn of nobody's.
struct notice_row {
  engine::workspace_id workspace{};
  engine::timestamp at{};
  std::string payload; // of a turn of kind notice
  std::vector<engine::destination_id> matched;
};

} // namespace troupe::persistence
