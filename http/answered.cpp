#include "http/answered.hpp"

#include "http/request.hpp"

#include <algorithm>
#include <array>

namespace troupe::http {

namespace {

constexpr std::array<std::string_view, 9> methods{
  "GET",    "HEAD",    "POST",  "PUT",    "PATCH",
  "DELETE", "OPTIONS", "TRACE", "CONNECT"};

// version-trace-parent-flags, "00-" + 32 + "-" + 16 + "-" + 2
constexpr std::size_t trace_begin = 3;
constexpr std::size_t trace_end = 35;
constexpr std::size_t parent_end = 52;
constexpr std::size_t length = 55;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

} // namespace

trace_id trace_id_of(const request& asked) {
  const auto given = asked.header("traceparent");
  if (!given || given->size() < length)
    return {};
  const auto trace = given->substr(trace_begin, trace_end - trace_begin);
  const auto is_good
    = (*given)[2] == '-' && (*given)[trace_end] == '-'
      && (*given)[parent_end] == '-' && is_hex(given->substr(0, 2))
      && given->substr(0, 2) != "ff" && is_hex(trace)
      && trace.find_first_not_of('0') != trace.npos
      && is_hex(given->substr(trace_end + 1, parent_end - trace_end - 1));
  return is_good ? trace_id{trace} : trace_id{};
}

std::string_view known_method(std::string_view method) {
  const auto found = std::find(methods.begin(), methods.end(), method);
  return found == methods.end() ? "other" : *found;
}

} // namespace troupe::http
