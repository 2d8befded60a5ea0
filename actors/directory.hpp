// A shard's cache of identity -> contact. The store's unique identities are the
// truth; a wrong entry costs one more look.
#pragma once

#include "engine/identity.hpp"
#include "engine/ids.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace troupe::actors {

class directory {
public:
  /// @param entries_max above it the cache starts again empty
  explicit directory(std::size_t entries_max) : entries_max_(entries_max) {}

  static std::string key_of(engine::workspace_id workspace,
                            const engine::identity& who);

  [[nodiscard]] std::optional<engine::contact_id>
  find(const std::string& key) const;
  void add(const std::string& key, engine::contact_id contact);

  /// Forgets the key if it still names that contact.
  void remove(const std::string& key, engine::contact_id contact);

private:
  std::size_t entries_max_;
  std::unordered_map<std::string, engine::contact_id> entries_;
};

} // namespace troupe::actors
