// Events of a request that were not taken while the request was (clients.md,
// "The compatibility contract", 4).
#pragma once

#include "engine/rejected_event.hpp"
#include "messages/commands.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::messages {

/// To be kept in the workspace's list.
struct rejected_events {
  std::vector<engine::rejected_event> rows;
};

struct rejected_search {
  engine::workspace_id workspace{};
  std::string code;         // empty: any
  std::uint64_t before = 0; // a number; 0: from the newest
  std::size_t limit = 50;
};

struct rejected_found {
  std::optional<engine::error> failure;
  std::vector<engine::rejected_event> rows; // newest first
  bool has_more = false;
};

} // namespace troupe::messages
