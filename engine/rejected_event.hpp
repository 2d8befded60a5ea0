// An event that was not taken while the request that brought it was.
#pragma once

#include "engine/event.hpp"

#include <cstdint>
#include <string>

namespace troupe::engine {

/// Of each workspace the newest are kept.
inline constexpr std::uint64_t rejected_events_max = 10'000;

struct rejected_event {
  workspace_id workspace{};
  std::uint64_t number = 0; // in its workspace; given by the store
  timestamp at{};
  door from{};
  std::string code; // of the error
  std::string message;
  std::string pointer; // into the request's body
  std::string type;    // the event's name, as far as it is known
  std::string request_id;
  std::string body; // its beginning
};

} // namespace troupe::engine
