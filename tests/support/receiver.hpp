// A webhook receiver that may be as hostile as a test wants: it listens on
// loopback, gives each connection a thread, and lets a script of blocking calls
// play the server. Stops and joins everything when it is destroyed.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace troupe::test {

/// One connection as its script sees it. Reads and writes block; they fail once
/// the peer is gone or the receiver stops.
class connection {
public:
  connection(int socket, ssl_st* tls, const std::atomic<bool>& stopping)
    : socket_{socket}, tls_{tls}, stopping_{stopping} {}

  /// Head and body of the next request; empty once there is none.
  std::string read_request();

  bool write(std::string_view bytes);

  /// Sends the text a byte at a time, slowly, until the peer has gone.
  void drip(std::string_view text);

  /// Sends the text over and over until the peer has gone; returns the bytes.
  std::size_t flood(std::string_view text);

  /// Waits until the peer closes or the receiver stops.
  void hang();

  /// Makes the close a reset (RST).
  void reset_on_close();

  /// Says that nothing more will be sent.
  void half_close();

private:
  std::string receive();

  int socket_;
  ssl_st* tls_;
  const std::atomic<bool>& stopping_;
  std::string unread_;
};

class receiver {
public:
  using script = std::function<void(connection&)>;

  /// @param tls the server's side of a TLS handshake, or none
  explicit receiver(script play, std::shared_ptr<ssl_ctx_st> tls = {},
                    std::string_view address = "127.0.0.1",
                    std::uint16_t port = 0);
  ~receiver();

  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  /// "http://127.0.0.1:PORT/hook", or with another scheme or host.
  [[nodiscard]] std::string url(std::string_view scheme = "http",
                                std::string_view host = "127.0.0.1") const;

  [[nodiscard]] int connections() const noexcept {
    return connections_;
  }

private:
  void accept_all();
  void serve(int socket);

  script play_;
  std::shared_ptr<ssl_ctx_st> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

/// Answers every request of a connection, which stays open, with this text.
receiver::script answers(std::string response);

/// "HTTP/1.1 <status>" with the further header lines and a body.
std::string response(int status, std::string_view header_lines = {},
                     std::string_view body = {});

} // namespace troupe::test
