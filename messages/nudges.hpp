// What is in the inbox of a contact.
#pragma once

#include "engine/nudge.hpp"
#include "engine/turn.hpp"
#include "messages/commands.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::messages {

/// Where a list of nudges goes on: before this one, as nudges came.
struct nudge_place {
  engine::position turn{}; // 0: from the newest
  std::uint32_t ordinal = 0;
  auto operator<=>(const nudge_place&) const = default;
};

/// Those that are over, or not wanted any more, are not found.
struct nudge_search {
  contact_reference contact;
  /// Keys of the workspace's channels: what the contact wants names them.
  std::map<engine::destination_id, std::string> channels;
  std::optional<engine::nudge_status> status; // none: all but dismissed ones
  std::string id;                             // that one alone; empty: any
  nudge_place before;
  engine::timestamp now{};
  std::size_t limit = 50;
};

struct nudges_found {
  struct entry {
    engine::nudge what;
    engine::outgoing_send sent;
  };
  std::optional<engine::error> failure;
  std::vector<entry> nudges; // newest first
  bool has_more = false;
};

} // namespace troupe::messages
