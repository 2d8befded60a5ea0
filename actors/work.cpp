#include "actors/work.hpp"

namespace troupe::actors {

engine::timestamp system_time() {
  return std::chrono::floor<engine::duration>(std::chrono::system_clock::now());
}

} // namespace troupe::actors
