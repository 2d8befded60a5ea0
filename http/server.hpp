// The HTTP front: what a composition root starts, drains and stops.
#pragma once

#include "engine/error.hpp"
#include "http/counters.hpp"
#include "http/options.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe::http {

struct bound_address {
  std::string host;
  std::uint16_t port = 0;
  bool is_secure = false;

  /// "http://127.0.0.1:8080", "https://[::1]:8443"
  [[nodiscard]] std::string url() const;
};

class server {
public:
  /// Listens and serves until stopped.
  /// @returns invalid_request `listen_address_invalid`,
  /// `listen_options_invalid` or what tls_settings::load() says, conflict
  /// `listen_failed`, or internal `listen_threads` when no thread could be
  /// started
  static engine::result<std::unique_ptr<server>> start(server_options options,
                                                       handler handle);
  /// Stops.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Begins to serve. @pre not server_options::accepts_at_once; once
  void accept();

  /// Of the plain listener, or of TLS when there is no other.
  [[nodiscard]] const bound_address& address() const;
  /// Nothing when TLS is not spoken.
  [[nodiscard]] const bound_address* tls_address() const;
  [[nodiscard]] const http_counters& counters() const;

  /// Reads certificate and key again, for connections from now on. On a failure
  /// the former ones stay. Any thread.
  engine::status reload_certificate();

  /// Accepts no more, closes idle connections, answers what runs with
  /// `Connection: close`. `stopped` is called once, on an io thread or by
  /// stop(), when the last connection has closed; only the first drain counts.
  /// Any thread.
  void drain(std::function<void()> stopped = {});

  /// Ends every connection at once; responders may still be called after it.
  /// Not from a handler or from `stopped`.
  void stop();

  /// Waits for the end of a drain. @returns false when `patience` ran out
  [[nodiscard]] bool wait_drained(std::chrono::milliseconds patience);

private:
  struct parts;

  explicit server(std::unique_ptr<parts> all);

  std::unique_ptr<parts> parts_;
};

} // namespace troupe::http
