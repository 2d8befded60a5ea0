// Makes calls through a transport and waits for what comes of them.
#pragma once

#include "outbound/transport.hpp"

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe::test {

/// A bound for a test that has gone wrong, not a measure.
inline constexpr std::chrono::seconds patience{60};

inline std::future<outbound::http_outcome>
submit(outbound::transport& transport, outbound::http_call call) {
  auto promise = std::make_shared<std::promise<outbound::http_outcome>>();
  auto future = promise->get_future();
  transport.submit(std::move(call), [promise](outbound::http_outcome outcome) {
    promise->set_value(std::move(outcome));
  });
  return future;
}

inline outbound::http_outcome
outcome_of(std::future<outbound::http_outcome> future) {
  if (future.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error{"a call did not end"};
  return future.get();
}

inline outbound::http_outcome ask(outbound::transport& transport,
                                  outbound::http_call call) {
  return outcome_of(submit(transport, std::move(call)));
}

inline outbound::http_call post_to(std::string url, std::string body = "{}") {
  outbound::http_call call;
  call.url = std::move(url);
  call.body = std::move(body);
  return call;
}

/// Options of a transport that may call this machine.
inline outbound::transport_options local_options() {
  outbound::address_guard_options guard;
  guard.allow_private = true;
  outbound::transport_options options;
  options.guard = outbound::address_guard{std::move(guard)};
  return options;
}

} // namespace troupe::test
