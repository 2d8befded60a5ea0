// What all rooms need to know of workspaces, keys and definitions, as one
// immutable value that DEFINITIONS publishes.
#pragma once

#include "engine/definitions.hpp"
#include "engine/ids.hpp"
#include "messages/published.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::messages {

/// What a key may do; bits.
enum class scope : std::uint32_t {
  events_write = 1,
  events_read = 2,
  manage = 4,
  system_emit = 8,
  admin = 16,
};

struct access_key {
  engine::workspace_id workspace{};
  std::array<std::uint8_t, 32> hash{}; // SHA-256 of the key
  std::uint32_t scopes = 0;
  bool revoked = false;
};

struct workspace_catalog {
  std::string text_id; // "ws_…"
  std::shared_ptr<const engine::definitions> definitions
    = std::make_shared<const engine::definitions>(0);
  std::unordered_map<engine::sequence_id, std::string> sequence_keys;
};

struct catalog {
  std::unordered_map<engine::workspace_id, workspace_catalog> workspaces;
  /// By the public beginning of the key.
  std::unordered_map<std::string, access_key> keys;
};

using published_catalog = published<catalog>;

} // namespace troupe::messages
