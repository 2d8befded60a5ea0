// What all rooms need to know of workspaces, keys and definitions, as one
// immutable value that DEFINITIONS publishes.
#pragma once

#include "engine/access.hpp"
#include "engine/definitions.hpp"
#include "engine/ids.hpp"
#include "engine/rate_limits.hpp"
#include "messages/published.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::messages {

using engine::scope;

struct access_key {
  engine::workspace_id workspace{};
  std::array<std::uint8_t, 32> hash{}; // SHA-256 of the key
  std::uint32_t scopes = 0;
  bool revoked = false;
  engine::key_kind kind = engine::key_kind::secret;
  std::uint32_t number = 0; // of its row
  std::string text_id;      // "key_…"
  std::string name;
  engine::timestamp created_at{};
  /// Of its workspace; null: none.
  std::shared_ptr<const engine::rate_limits> limits;
  /// The hour since 1970 it was last used in, since this process began; 0:
  /// never. Shared by all versions of the catalog.
  std::shared_ptr<std::atomic<std::int64_t>> last_used_hour
    = std::make_shared<std::atomic<std::int64_t>>(0);
};

struct workspace_catalog {
  std::string text_id; // "ws_…"
  std::string name;
  engine::workspace_kind kind = engine::workspace_kind::live;
  engine::timestamp created_at{};
  boost::json::object settings; // as stored
  std::shared_ptr<const engine::definitions> definitions
    = std::make_shared<const engine::definitions>(0);
  std::unordered_map<engine::sequence_id, std::string> sequence_keys;
};

struct catalog {
  std::uint64_t generation = 0; // another one with each change
  std::unordered_map<engine::workspace_id, workspace_catalog> workspaces;
  /// By the public beginning of the key.
  std::unordered_map<std::string, access_key> keys;
};

/// Null when there is none.
inline const access_key* key_numbered(const catalog& known,
                                      std::uint32_t number) {
  for (const auto& [prefix, key] : known.keys)
    if (key.number == number)
      return &key;
  return nullptr;
}

using published_catalog = published<catalog>;

} // namespace troupe::messages
