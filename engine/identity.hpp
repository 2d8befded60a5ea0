// Who a contact is: identities, and what an event's identities do to one
// (design.md 5). Keys are normalised; values are kept as sent.
#pragma once

#include "engine/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// Append only: numbers are stored.
enum class identity_kind : std::uint8_t {
  own_id = 0, // "con_…", in warnings only: it is no identity
  external_id = 1,
  email = 2,
  phone = 3,
  anonymous_id = 4,
};

std::string_view name_of(identity_kind kind);
std::optional<identity_kind> identity_kind_of(std::string_view name);

struct identity {
  identity_kind kind = identity_kind::external_id;
  std::string key;   // normalised: what matches
  std::string value; // as sent: what is shown and sent to
  bool operator==(const identity&) const = default;
};

/// @returns the identity with its key, or nothing when the text is no usable
/// identity of that kind (a placeholder, not an address, too long).
std::optional<identity> make_identity(identity_kind kind,
                                      std::string_view value);

/// Of one contact. It may have absorbed as many contacts.
inline constexpr std::size_t identities_max = 1000;

/// What the store says of an identity that the contact does not hold.
struct identity_owner {
  identity who;
  contact_id contact{};         // 0: free
  bool has_external_id = false; // of the owner
  bool apart = false;  // stays another contact: one would hold too much
  bool erased = false; // free, and a contact that was erased had it
};

/// The shard of an identity: a function of the installation's seed.
unsigned shard_of(std::uint64_t seed, workspace_id workspace,
                  identity_kind kind, std::string_view key);

} // namespace troupe::engine
