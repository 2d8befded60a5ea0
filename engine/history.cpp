#include "engine/history.hpp"

#include <algorithm>

namespace troupe::engine {

bool is_history(const event_record& event) {
  return event.from == door::import;
}

timestamp came_at(const turn& of) {
  const auto at = of.stamp.at;
  return is_history(*of.event)
           ? std::min(of.event->occurred_at.value_or(at), at)
           : at;
}

} // namespace troupe::engine
