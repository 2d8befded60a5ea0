#include "http/answered.hpp"

#include "http/request.hpp"

#include <algorithm>
#include <array>

namespace troupe::http {

namespace {

constexpr std::array<std::string_view, 9> methods{
  "GET",    "HEAD",    "POST",  "PUT",    "PATCH",
  "DELETE", "OPTIONS", "TRACE", "CONNECT"};

bool is_tracestate(std::string_view name) {
  constexpr std::string_view wanted{"tracestate"};
  return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                    [](char a, char b) {
                      return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b;
                    });
}

} // namespace

std::optional<engine::trace_context> trace_of(const request& asked) {
  const auto given = asked.header("traceparent");
  if (!given || asked.header_count("traceparent") != 1)
    return std::nullopt;
  // Several fields are one list.
  std::string state;
  asked.each_header([&](std::string_view name, std::string_view value) {
    if (!is_tracestate(name))
      return;
    state += state.empty() ? "" : ",";
    state += value;
  });
  return engine::parse_trace(*given, state);
}

trace_id trace_id_of(const request& asked) {
  const auto given = asked.header("traceparent");
  const auto trace = given ? engine::parse_trace(*given, {}) : std::nullopt;
  return trace ? trace_id{engine::trace_id_of(*trace)} : trace_id{};
}

std::string_view known_method(std::string_view method) {
  const auto found = std::find(methods.begin(), methods.end(), method);
  return found == methods.end() ? "other" : *found;
}

} // namespace troupe::http
