#include "engine/identity.hpp"

#include "engine/normalise.hpp"

#include <xxhash.h>

namespace troupe::engine {

std::string_view name_of(identity_kind kind) {
  switch (kind) {
    case identity_kind::own_id:
      return "id";
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

std::optional<identity_kind> identity_kind_of(std::string_view name) {
  for (const auto kind : {identity_kind::external_id, identity_kind::email,
                          identity_kind::phone, identity_kind::anonymous_id})
    if (name_of(kind) == name)
      return kind;
  return std::nullopt;
}

std::optional<identity> make_identity(identity_kind kind,
                                      std::string_view value) {
  if (is_placeholder(value))
    return std::nullopt;
  std::optional<std::string> key;
  switch (kind) {
    case identity_kind::own_id:
      break;
    case identity_kind::external_id:
      key = external_id_key(value);
      break;
    case identity_kind::email:
      key = email_key(value);
      break;
    case identity_kind::phone:
      key = phone_key(value);
      break;
    case identity_kind::anonymous_id:
      key = anonymous_id_key(value);
      break;
  }
  if (!key)
    return std::nullopt;
  return identity{kind, std::move(*key), std::string{value}};
}

unsigned shard_of(std::uint64_t seed, workspace_id workspace,
                  identity_kind kind, std::string_view key) {
  const auto mixed = seed ^ (std::uint64_t{number(workspace)} << 8)
                     ^ static_cast<std::uint64_t>(kind);
  return static_cast<unsigned>(
    XXH3_64bits_withSeed(key.data(), key.size(), mixed) % shard_count);
}

} // namespace troupe::engine
