// A client that speaks TLS and then exactly the bytes it is given. Every wait
// ends after ten seconds at the latest.
#pragma once

#include "tests/support/raw_client.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace troupe::test {

struct tls_client_options {
  int version_min = 0; // of OpenSSL's numbers; 0: any
  int version_max = 0;
  int receive_buffer = 0;
  std::string ciphers;   // of TLS 1.2, when not empty
  std::string protocols; // ALPN in its wire form
};

class tls_client {
public:
  explicit tls_client(std::uint16_t port,
                      const tls_client_options& options = {});

  /// Whether the handshake was finished.
  [[nodiscard]] bool is_open() const noexcept {
    return is_open_;
  }

  bool send(std::string_view bytes);

  /// Sends the bytes and reads one answer with its body.
  support::raw_answer ask(std::string_view bytes);

  /// Whether the server has ended the connection in TLS's own way.
  bool is_closed();

  /// Whether the server's certificate is for this name.
  [[nodiscard]] bool is_named(const std::string& name) const;

  /// Asks for new keys in the old way of TLS 1.2; whether the server agreed.
  bool renegotiate();

  /// Whether the server gave a session that a later connection could resume.
  [[nodiscard]] bool has_session() const;

  /// What ALPN chose, or "".
  [[nodiscard]] std::string protocol() const;

private:
  bool read_more();

  std::shared_ptr<ssl_ctx_st> settings_;
  support::raw_client socket_;
  std::shared_ptr<ssl_st> ssl_;
  bool is_open_ = false;
  std::string unread_;
};

} // namespace troupe::test
