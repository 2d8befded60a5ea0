// TRANSPORT: makes HTTP calls and sends mail on one thread of its own (libcurl
// multi). Invariants: (1) Every submitted call ends exactly once, on the
// transport's thread. (2) No connection is made to an address the guard denies.
// (3) Connections, waiting calls, response sizes and time are all bounded.
// It knows nothing about retries, order or endpoints.
#pragma once

#include "outbound/address_guard.hpp"
#include "outbound/http_call.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace troupe::outbound {

struct transport_options {
  address_guard guard;
  /// Of mail; the transport makes it of `guard`, with the ports of mail.
  address_guard mail_guard;
  std::size_t concurrent_calls_max = 256;
  /// Of these to one server, so that one that is slow leaves room for others.
  std::size_t calls_of_server_max = 128;
  /// Calls beyond those wait, and go in turns of their servers; beyond this
  /// many they end as `overloaded`.
  std::size_t waiting_calls_max = 100'000;
  std::size_t body_bytes_max = 16 * 1024;
  /// Status lines and headers of one call, interim answers included.
  std::size_t header_bytes_max = 8 * 1024;
  /// Certificates to trust instead of the system's.
  std::string ca_file;
  std::string user_agent = "Troupe";
};

class transport {
public:
  /// Runs on the transport's thread: must not block and must not throw.
  using completion = std::function<void(http_outcome)>;

  explicit transport(transport_options options);

  /// Ends calls under way and waiting ones with `aborted`, then the thread.
  /// @pre not called from a completion; nobody submits any more, except
  /// completions, whose calls end with `aborted` too
  ~transport();

  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// Hands a call over; from any thread, completions included. Headers are
  /// checked by `check_header`; whether the URL may be called at all is
  /// `check_url`'s to say, before.
  void submit(http_call call, completion done);

private:
  class worker;
  std::unique_ptr<worker> worker_;
};

} // namespace troupe::outbound
