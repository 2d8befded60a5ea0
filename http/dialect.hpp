// How a door that is not the native one lets requests in and refuses them: what
// the session, the admission and the answers need to know of it before its own
// code sees the request.
#pragma once

#include "engine/error.hpp"
#include "engine/event.hpp"
#include "http/problem.hpp"
#include "http/response.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

class request;

/// What a request shows to be let in.
struct credentials {
  std::string key;         // empty: there is none
  engine::error otherwise; // why not
};

struct dialect {
  engine::door of{};
  /// Looks for the key in the head. Nothing: the body has it, and the door
  /// lets the request in when it has read it.
  std::optional<credentials> (*credentials_of)(const request& head) = nullptr;
  response (*refuse)(const engine::error& why, const problem_context& about)
    = nullptr;
  /// That the request is meant for the key's workspace; absent: it does not
  /// say for which. @param tenant "ws_…"
  engine::status (*check_tenant)(const request& head, std::string_view tenant)
    = nullptr;
  /// `X-RateLimit-Reset` in seconds since 1970 in the place of ISO 8601.
  bool tells_unix_time = false;
};

} // namespace troupe::http
