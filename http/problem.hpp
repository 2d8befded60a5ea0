// The one place that maps an error to a status and to its bytes: RFC 9457
// problem+json with the reference's `error` object inside (behaviour G74).
#pragma once

#include "engine/error.hpp"
#include "http/response.hpp"
#include "http/strict_request.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

struct dialect;

struct problem_context {
  std::string_view request_id;
  std::string_view instance; // path of what the problem is about, or empty
  /// When to try again; codes that ask for it have a second by default. The
  /// header says whole seconds, rounded up; the body says it exactly.
  std::optional<std::chrono::milliseconds> retry_after;
  /// Kind and key of what uses the thing that cannot go.
  std::vector<std::pair<std::string, std::string>> dependants = {};
};

std::uint16_t status_of(const engine::error& reason);

/// The word of `error.type` for a status.
std::string_view error_type_of(std::uint16_t status);

response to_response(const engine::error& reason,
                     const problem_context& context);

/// Its body. @pre context.retry_after is what retry_after_of() says
boost::json::object problem_object(const engine::error& reason,
                                   const problem_context& context);

/// The same in the words of a door; null: as above.
response refusal_of(const engine::error& reason, const problem_context& context,
                    const dialect* speaks);

/// When to try again, if that is worth while.
std::optional<std::chrono::milliseconds>
retry_after_of(const engine::error& reason, const problem_context& context);

/// `Retry-After` in whole seconds, rounded up.
void append_retry_after(header_fields& to,
                        std::optional<std::chrono::milliseconds> after);

/// The error behind a request that the session itself does not serve.
engine::error to_error(refusal reason);

} // namespace troupe::http
