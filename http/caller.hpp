// Who asks, once a key has been checked.
#pragma once

#include "engine/ids.hpp"
#include "http/response.hpp"

#include <cstdint>

namespace troupe::http {

struct caller {
  engine::workspace_id workspace{};
  std::uint32_t scopes = 0;
  std::uint32_t key = 0;            // number of its row
  std::uint64_t generation = 0;     // of the catalog that knew the key
  std::uint32_t concurrent_max = 0; // events under way; 0: no limit
  bool from_browser = false;        // the key is one for browsers
  /// Fields that every answer to the request carries, also a refusal.
  header_fields with_answer;
};

} // namespace troupe::http
