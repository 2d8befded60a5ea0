// What bounds the HTTP front: every wait and every size has a limit here.
//
// | option                  | default | over it                              |
// |-------------------------|---------|--------------------------------------|
// | head_timeout            | 10 s    | 408, close (from the first byte on); |
// |                         |         | a TLS handshake over it: closed      |
// | body_timeout            | 30 s    | 408, close (from the head's end on)  |
// | body_rate_min           | 500 B/s | 408, close (average, after           |
// |                         |         | body_rate_grace = 5 s)               |
// | request_deadline        | 10 s    | 503 deadline_exceeded, Retry-After 1 |
// | write_timeout           | 10 s    | closed (plus 1 s per 64 KiB waiting) |
// | idle_timeout            | 60 s    | closed (also before the first byte)  |
// | linger_timeout          | 2 s     | closed, as after 16 MiB thrown away  |
// | head.head_bytes         | 8 KiB   | 431, close                           |
// | head.target_bytes       | 8,000   | 414, close                           |
// | fields_max              | 100     | 431, close                           |
// | body_bytes              | 1 MiB   | 413 before reading, close            |
// | connections             | 16,384  | 503, close                           |
// | connections_per_address | 1,024   | 503, close                           |
//
// Deadlines are absolute: a byte does not move them. They are looked at every
// `tick`, so they fire up to one tick late and never early.
#pragma once

#include "http/answered.hpp"
#include "http/request.hpp"
#include "http/responder.hpp"
#include "http/strict_request.hpp"
#include "http/tls_settings.hpp"
#include "http/trusted_proxies.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace troupe::http {

struct listen_address {
  std::string host = "127.0.0.1"; // an address, or "localhost"
  std::uint16_t port = 0;         // 0 picks a free one
};

struct tls_listen_options {
  listen_address at;
  tls_files files;
};

struct server_options {
  /// At least one of the two.
  std::optional<listen_address> plain = listen_address{};
  std::optional<tls_listen_options> tls;
  std::size_t io_threads = 1;

  std::chrono::milliseconds tick{250};
  std::chrono::milliseconds head_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::size_t body_rate_min = 500;
  std::chrono::milliseconds body_rate_grace{5'000};
  std::chrono::milliseconds request_deadline{10'000};
  std::chrono::milliseconds write_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds linger_timeout{2'000};

  head_limits head;
  std::size_t body_bytes = 1'048'576;
  /// When set, called on the io thread once a head has been read and before any
  /// byte of the body is, and before `100 Continue` (H6). Returns the refusal,
  /// or nothing: then the handler gets the request. May change `body_max`,
  /// which is `body_bytes` before, and notes who asks.
  std::function<std::optional<response>(request&)> check;

  /// When set, called on the io thread after the requests of one poll have been
  /// handed over, so that a handler can pass them on together.
  std::function<void()> after_burst;

  /// When set, told of every answer, on the io thread; must not wait.
  std::function<void(const answered&)> on_answer;

  /// False: connections wait until server::accept(), so that a client whose
  /// server starts again sees a slow answer and no refusal.
  bool accepts_at_once = true;
  std::size_t connections = 16'384; // also bounded by the descriptors allowed
  std::size_t connections_per_address = 1'024; // but of trusted proxies
  /// False: the machine's own address is that of a proxy on it, in front of
  /// all clients, and has no bound.
  bool bounds_loopback = false;
  trusted_proxies proxies;   // whose X-Forwarded-For is believed
  int send_buffer_bytes = 0; // 0 leaves it to the system
};

/// Called on an io thread; must not wait. What it throws is answered with 500,
/// `std::bad_alloc` with 503: that of a library, for `new` ends the process.
using handler = std::function<void(request, responder)>;

} // namespace troupe::http
