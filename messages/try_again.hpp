// What a failed event may become when the same is sent again.
#pragma once

#include "engine/error.hpp"

namespace troupe::messages {

/// It was not taken for now, or what became of it is not known.
inline bool may_be_tried_again(const engine::error& why) {
  using engine::errc;
  const auto code = why.code;
  return why.name == "idempotency_key_in_progress" || code == errc::overloaded
         || code == errc::storage_unavailable || code == errc::deadline_exceeded
         || code == errc::internal || code == errc::rate_limited;
}

} // namespace troupe::messages
