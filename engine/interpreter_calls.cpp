// Calls of `http` nodes, and runs that wait for how their call ends.
#include "engine/awaited_call.hpp"
#include "engine/interpreter.hpp"
#include "engine/system_events.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

// What an answer counts as while the run is held.
constexpr std::uint32_t answered_clause = 0;
constexpr std::uint32_t failed_clause = 1;
constexpr std::uint32_t clause_count = 2;

} // namespace

void interpreter::call(std::uint32_t number, const sequence_node& node,
                       const http_node& what) {
  outgoing_send out;
  out.destination = with_.steps();
  out.run = number;
  out.visit = state_.find_run(number)->visit;
  out.node = node.name;
  out.request["method"] = what.method;
  out.request["url"] = what.url.evaluate(scope_);
  json::object headers;
  for (const auto& [name, value] : what.headers)
    headers[name] = value.evaluate(scope_);
  out.request["headers"] = std::move(headers);
  out.request["body"] = what.body.evaluate(scope_);
  if (what.awaits)
    out.request[awaited_call_member] = awaited_call(*state_.find_run(number));
  out_.sends.push_back(std::move(out));
}

// Of a turn so many hops away that nobody could be told how the call ended, the
// run ends here: it would rest for good.
std::optional<interpreter::edge>
interpreter::enter_call(std::uint32_t number, const sequence_node& node,
                        const http_node& what, const std::string& why) {
  const auto due = what.timeout ? std::optional{out_.stamp.at + *what.timeout}
                                : std::nullopt;
  if (out_.hops >= hops_max) {
    rest(number, node, why, std::nullopt, 0);
    note(rule::loop, false, state_.find_run(number)->sequence, number,
         "loop_detected:" + node.name);
    return edge{no_node, "loop_detected", run_status::failed};
  }
  rest(number, node, why, due, clause_count);
  const auto here = *state_.find_run(number);
  scope_.set_run(&here);
  call(number, node, what);
  scope_.set_run(nullptr);
  return std::nullopt;
}

interpreter::edge interpreter::after_call(const http_node& what, bool answered,
                                          std::string_view failure) {
  if (answered)
    return {what.then, "answered"};
  return {what.on_failure, std::string{failure}, run_status::failed};
}

// @returns nothing when the event is not the end of the run's call
std::optional<bool> interpreter::answered(const run& current) const {
  if (out_.event->type != call_ended_event || properties_ == nullptr)
    return std::nullopt;
  const auto* which = properties_->if_contains(awaited_call_property);
  const auto* good = properties_->if_contains("answered");
  if (which == nullptr || !which->is_string() || good == nullptr
      || !good->is_bool() || which->get_string() != awaited_call(current))
    return std::nullopt;
  return good->get_bool();
}

std::optional<interpreter::edge>
interpreter::see_answer(const run& current, const http_node& what) {
  const auto good = answered(current);
  return good ? std::optional{after_call(what, *good, "call_failed")}
              : std::nullopt;
}

// The run goes on when it is held no more: by a timer that is due at once.
void interpreter::keep_answer(const run& current, const sequence_node& node) {
  const auto good = answered(current);
  if (!good)
    return;
  const auto is_paused = state_.is_paused(current.number);
  if (!is_paused)
    leave(current.number);
  record(run_moved{current.number, node.name,
                   *good ? "answered" : "call_failed", out_.stamp.at,
                   clause_count});
  record(run_counted{current.number, *good ? answered_clause : failed_clause});
  if (!is_paused)
    out_.timers_set.push_back(
      {out_.stamp.at, current.number, state_.find_run(current.number)->visit});
}

// Its time is over, or its answer came while the run was held.
interpreter::edge interpreter::after_rest(const run& late,
                                          const http_node& what) {
  const auto is_counted = [&late](std::uint32_t clause) {
    return clause < late.counts.size() && late.counts[clause] > 0;
  };
  return after_call(what, is_counted(answered_clause),
                    is_counted(failed_clause) ? "call_failed" : "timeout");
}

} // namespace troupe::engine
