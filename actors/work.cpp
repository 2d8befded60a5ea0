#include "actors/work.hpp"

#include <algorithm>

namespace troupe::actors {

engine::timestamp system_time() {
  return std::chrono::floor<engine::duration>(std::chrono::system_clock::now());
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
