#include "engine/awaited_call.hpp"

namespace troupe::engine {

std::string awaited_call(const run& current) {
  return std::to_string(number(current.sequence)) + "-"
         + std::to_string(current.started_at.time_since_epoch().count()) + "-"
         + std::to_string(current.ordinal) + "-"
         + std::to_string(current.visit);
}

} // namespace troupe::engine
