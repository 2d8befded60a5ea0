// Erasing contacts, and what is kept of those that were.
#pragma once

#include "engine/erasure.hpp"
#include "messages/commands.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::messages {

/// A contact that shall be erased, with all it absorbed.
struct erasure_wish {
  contact_reference contact;
  std::string by; // text id of the API key
  std::string request_id;
  // Given on the way.
  std::string text_id;      // "era_…"
  std::string contact_hash; // engine::contact_hash()
};

struct erasure_search {
  engine::workspace_id workspace{};
  std::string text_id;      // of the one wanted; or empty, and
  std::uint64_t before = 0; // an id; 0: from the newest
  std::size_t limit = 50;
};

struct erasures_found {
  std::optional<engine::error> failure;
  std::vector<engine::erasure_row> erasures; // newest first
  bool has_more = false;
};

} // namespace troupe::messages
