// A real SMTP server (tests/support/mail_server.py) that says what came to it.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/tls_identity.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace troupe::test {

class mail_server {
public:
  /// @param security "starttls", "tls" or "none"
  explicit mail_server(const std::string& security = "starttls");

  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  /// PEM, for a client that trusts it; the name is `localhost`.
  [[nodiscard]] std::string certificate() const;

  /// The next message it was offered, taken or not; null when none comes.
  boost::json::value next(std::chrono::seconds within
                          = std::chrono::seconds{30});

private:
  tls_identity identity_ = make_tls_identity();
  temporary_directory directory_;
  process running_;
  std::uint16_t port_ = 0;
};

} // namespace troupe::test
