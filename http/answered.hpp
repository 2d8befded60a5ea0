// One answer, as an operator may see it: nothing of the path, the query, a
// header or a body but what was checked to be harmless.
#pragma once

#include "engine/ids.hpp"
#include "engine/trace_context.hpp"
#include "http/short_text.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::http {

/// 32 hexadecimal digits, or nothing.
using trace_id = short_text<32>;

class request;

/// What `traceparent` and `tracestate` say, if they are valid.
std::optional<engine::trace_context> trace_of(const request& asked);

/// The trace that the client's `traceparent` names, if it is a valid one.
trace_id trace_id_of(const request& asked);

/// A method that HTTP knows, from static storage, or "other".
std::string_view known_method(std::string_view method);

struct answered {
  request_id id;
  std::string_view method; // empty: no head was understood
  std::string_view route;  // the pattern; empty when there is none
  trace_id trace;
  engine::workspace_id workspace{}; // 0: of nobody known
  std::uint16_t status = 0;
  std::chrono::steady_clock::time_point began; // when the head was there
};

} // namespace troupe::http
