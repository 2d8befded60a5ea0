// The GrowthOS door (reference 001, behaviours B5–B29, B63–B71): what it asks
// of a request and how it answers.
#pragma once

#include "http/doors/call.hpp"

#include <vector>

namespace troupe::http::growthos {

inline constexpr std::size_t body_bytes_max = 500 * 1024; // B29
inline constexpr std::size_t batch_items_max = 500;

const dialect& spoken();

inline constexpr call_rules rules{snake_call_names, false,
                                  engine::door::growthos, key_scope::growthos};

/// Content-Type, the size, and that no secret key is in the query (B70).
engine::status check(const visit& now, std::size_t body_bytes);

response accepted(const request_id& id);

/// One item of a batch: taken, or why not.
struct item {
  std::optional<engine::error> failure;
};

response batch_answer(const request_id& id, const std::vector<item>& items);

} // namespace troupe::http::growthos
