// What the HTTP front counts. Only gauges go down.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::http {

struct http_counters {
  using counter = std::atomic<std::uint64_t>;

  counter accepted{0};
  counter open{0};                // gauge
  counter refused_connections{0}; // over a limit
  counter accept_pauses{0};       // no descriptor was left
  counter tls_handshakes{0};      // finished
  counter tls_failures{0};        // handshakes that failed or took too long
  counter tls_reload_failures{0};
  counter requests{0};           // handed to the handler
  counter refused_early{0};      // by the check of the head
  counter rejected_malformed{0}; // 400, 501, 505
  counter rejected_too_large{0}; // 413, 414, 431
  counter rejected_expectation{0};
  counter head_timeouts{0};
  counter body_timeouts{0};
  counter idle_timeouts{0};
  counter write_timeouts{0};
  counter deadlines_exceeded{0};
  counter late_answers{0};            // after a deadline or a closed connection
  counter abandoned{0};               // responders destroyed without an answer
  counter faults{0};                  // exceptions that reached an io thread
  std::array<counter, 500> answers{}; // by status, from 100 on

  /// Where answers with the status are counted.
  static std::size_t place_of(std::uint16_t status) {
    return status < 100 || status > 599 ? 400u : status - 100u;
  }

  [[nodiscard]] std::uint64_t answers_of(std::uint16_t status) const {
    return answers[place_of(status)];
  }
};

inline void raise(http_counters::counter& which) {
  which.fetch_add(1, std::memory_order_relaxed);
}

inline void lower(http_counters::counter& which) {
  which.fetch_sub(1, std::memory_order_relaxed);
}

} // namespace troupe::http
