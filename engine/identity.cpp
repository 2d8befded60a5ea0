#include "engine/identity.hpp"

#include <xxhash.h>

namespace troupe::engine {

std::string_view name_of(identity_kind kind) {
  switch (kind) {
    case identity_kind::external_id:
      return "external_id";
    case identity_kind::email:
      return "email";
    case identity_kind::phone:
      return "phone";
    case identity_kind::anonymous_id:
      return "anonymous_id";
  }
  return "unknown";
}

unsigned shard_of(std::uint64_t seed, workspace_id workspace,
                  identity_kind kind, std::string_view key) {
  const auto mixed = seed ^ (std::uint64_t{number(workspace)} << 8)
                     ^ static_cast<std::uint64_t>(kind);
  return static_cast<unsigned>(
    XXH3_64bits_withSeed(key.data(), key.size(), mixed) % shard_count);
}

} // namespace troupe::engine
