// What stands before every request that needs a key: who asks, how often, and
// with what scope.
#pragma once

#include "http/authentication.hpp"
#include "http/caller.hpp"
#include "http/limits.hpp"
#include "http/visit.hpp"

#include <chrono>
#include <optional>

namespace troupe::http {

/// For all io threads.
class admission {
public:
  struct refusal {
    engine::error why;
    std::optional<std::chrono::milliseconds> retry_after;
  };

  /// Fills `who`, as far as it is known, also when the request is refused.
  std::optional<refusal> admit(const api_context& with, const request& what,
                               const credentials& given, messages::scope needed,
                               caller& who);

private:
  std::optional<refusal> refuse_stranger(const api_context& with,
                                         const request& what, key_found found,
                                         engine::timestamp now);

  request_limits limits_;
  failed_attempts guesses_;
  failed_attempts lines_; // in the log: nobody may fill it
};

} // namespace troupe::http
