#include "engine/trace_context.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

// version-trace-parent-flags, "00-" + 32 + "-" + 16 + "-" + 2
constexpr std::size_t length = 55;
constexpr std::size_t state_bytes_max = 512;
constexpr std::ptrdiff_t state_members_max = 32;
constexpr std::uint8_t known_flags = 3; // sampled, random

// Lower case only, as the format says.
std::optional<std::uint64_t> hex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f'))
      return std::nullopt;
    value = value << 4
            | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return value;
}

void append_hex(std::string& out, std::uint64_t value, int digits) {
  constexpr std::string_view all{"0123456789abcdef"};
  for (int at = digits; at-- > 0;)
    out += all[value >> (4 * at) & 15];
}

bool is_state(std::string_view text) {
  const auto is_visible = [](char c) {
    return (c >= ' ' && c < 0x7f) || c == '\t';
  };
  return text.size() <= state_bytes_max
         && std::all_of(text.begin(), text.end(), is_visible)
         && std::count(text.begin(), text.end(), ',') < state_members_max
         && text.find('=') != text.npos;
}

} // namespace

std::optional<trace_context> parse_trace(std::string_view traceparent,
                                         std::string_view tracestate) {
  if (traceparent.size() < length || traceparent[2] != '-'
      || traceparent[35] != '-' || traceparent[52] != '-')
    return std::nullopt;
  const auto version = hex(traceparent.substr(0, 2));
  const auto high = hex(traceparent.substr(3, 16));
  const auto low = hex(traceparent.substr(19, 16));
  const auto parent = hex(traceparent.substr(36, 16));
  const auto flags = hex(traceparent.substr(53, 2));
  if (!version || !high || !low || !parent || !flags || *version == 0xff
      || (*high == 0 && *low == 0) || *parent == 0)
    return std::nullopt;
  // A later version may have more, behind another "-".
  if (traceparent.size() > length
      && (*version == 0 || traceparent[length] != '-'))
    return std::nullopt;
  trace_context trace{
    *high, *low, static_cast<std::uint8_t>(*flags & known_flags), {}};
  if (is_state(tracestate))
    trace.state = tracestate;
  return trace;
}

std::string trace_id_of(const trace_context& trace) {
  std::string out;
  append_hex(out, trace.high, 16);
  append_hex(out, trace.low, 16);
  return out;
}

std::string traceparent_of(const trace_context& trace, std::uint64_t parent) {
  auto out = "00-" + trace_id_of(trace) + "-";
  append_hex(out, parent, 16);
  out += '-';
  append_hex(out, trace.flags, 2);
  return out;
}

} // namespace troupe::engine
