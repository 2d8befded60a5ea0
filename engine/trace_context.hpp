// The W3C trace context that an event came with: what of it is stored and
// passed on to the calls that the event causes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

struct trace_context {
  std::uint64_t high = 0; // of the trace's id
  std::uint64_t low = 0;
  std::uint8_t flags = 0;
  std::string state; // `tracestate` as it came, or empty
  bool operator==(const trace_context&) const = default;
};

/// @returns nothing for a `traceparent` that is not valid; a `tracestate` that
/// is not, or is longer than 512 bytes, is left out
std::optional<trace_context> parse_trace(std::string_view traceparent,
                                         std::string_view tracestate);

/// 32 hexadecimal digits.
std::string trace_id_of(const trace_context& trace);

/// @param parent id of the call that carries it; not 0
std::string traceparent_of(const trace_context& trace, std::uint64_t parent);

} // namespace troupe::engine
