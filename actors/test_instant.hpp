// What is of one time while a test clock stands still.
#pragma once

#include "engine/time.hpp"

#include <chrono>

namespace troupe::actors {

/// Turns of one contact at one time are a microsecond apart each, and times are
/// told in milliseconds: what is due within one is due at once.
inline engine::timestamp end_of_instant(engine::timestamp at) {
  using std::chrono::milliseconds;
  return std::chrono::floor<milliseconds>(at) + milliseconds{1}
         - engine::duration{1};
}

/// Messages are meant for at once; only the turns of a busy contact make them
/// later.
inline engine::timestamp end_of_messages(engine::timestamp at) {
  return end_of_instant(at) + std::chrono::seconds{1};
}

} // namespace troupe::actors
