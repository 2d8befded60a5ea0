#include "actors/work.hpp"

#include "actors/trusted_clock.hpp"

#include <time.h>

#include <algorithm>

namespace troupe::actors {

namespace {

// Goes on evenly, also while the machine sleeps.
engine::duration time_since_boot() {
  timespec since{};
  clock_gettime(CLOCK_BOOTTIME, &since);
  return std::chrono::floor<engine::duration>(
    std::chrono::seconds{since.tv_sec}
    + std::chrono::nanoseconds{since.tv_nsec});
}

} // namespace

engine::timestamp system_time() {
  static trusted_clock only;
  return only.at(wall_time(), time_since_boot());
}

void keep_apart(std::vector<engine::identity_owner>& owners,
                const std::vector<engine::contact_id>& apart) {
  for (auto& owner : owners)
    owner.apart
      = std::find(apart.begin(), apart.end(), owner.contact) != apart.end();
}

engine::error gave_up() {
  return {engine::errc::overloaded,
          "contact_contended",
          "the contact's identities changed hands too often; try again",
          {}};
}

engine::error has_happened() {
  return {engine::errc::conflict,
          "has_happened",
          "this happened already, or was called off",
          {}};
}

} // namespace troupe::actors
