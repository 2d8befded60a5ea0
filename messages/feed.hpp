// Following what happens: events in the order in which they became durable.
#pragma once

#include "messages/commands.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace troupe::messages {

/// One who follows the events of a workspace. Its functions are called on any
/// thread, one at a time, and do not wait.
struct event_follower {
  event_search search;                   // whom and what; no place, no limit
  std::optional<engine::position> after; // nothing: from now on
  /// Takes events, the oldest first. False: nobody is there any more.
  std::function<bool(const std::vector<engine::turn>&)> take;
  /// Says that it is still there, when nothing happens. False: it is not.
  std::function<bool()> beat;
  /// Whether it takes more now; later it asks by itself.
  std::function<bool()> has_room;
};

struct followed {
  std::optional<engine::error> failure;
};

} // namespace troupe::messages
