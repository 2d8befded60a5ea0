// What events of a type say, asked for and found.
#pragma once

#include "engine/error.hpp"
#include "engine/statistics.hpp"

#include <optional>
#include <string>

namespace troupe::messages {

struct statistics_search {
  engine::workspace_id workspace{};
  std::string type;
};

struct statistics_found {
  std::optional<engine::error> failure;
  engine::event_statistics what;
};

} // namespace troupe::messages
