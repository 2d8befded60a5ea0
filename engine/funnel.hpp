// How far contacts came along some events in order (behaviour B79).
#pragma once

#include "engine/ids.hpp"
#include "engine/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace troupe::engine {

struct funnel {
  std::vector<std::string> steps; // names of event types
  std::optional<duration> within; // from the first step to the last
};

inline constexpr std::size_t funnel_steps_max = 20;

/// An event of one of the types.
struct funnel_event {
  contact_id contact{};
  timestamp at{};
  std::string type;
};

/// Contacts that came to each step, after all steps before it and in time.
std::vector<std::uint64_t> reached(const funnel& what,
                                   std::vector<funnel_event> events);

} // namespace troupe::engine
