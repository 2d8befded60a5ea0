// One HTTP call, or one e-mail, going out and what came of it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::outbound {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// How a server takes mail: the URL of the call names it, `smtp://` or
/// `smtps://`, and its body is the message.
struct mail_envelope {
  std::string from; // addresses
  std::string to;
  bool starttls = false; // or not at all
  std::string username;  // empty: not logged in
  std::string password;
  std::string certificate; // PEM, to trust; empty: those of the transport
};

struct http_call {
  std::string method = "POST";
  std::string url;
  header_list headers;
  std::string body;
  /// One absolute deadline from the look-up of the name to the last byte; time
  /// spent waiting for a free place is not counted.
  std::chrono::milliseconds timeout{15'000};
  std::optional<mail_envelope> mail = std::nullopt;
};

/// When each phase ended, in milliseconds after the call began; zero for a
/// phase that did not happen, as on a connection that is used again.
struct call_timings {
  std::chrono::milliseconds dns{0};
  std::chrono::milliseconds connect{0};
  std::chrono::milliseconds tls{0};
  std::chrono::milliseconds first_byte{0};
  std::chrono::milliseconds total{0};
};

/// Either an answer (`status` set, `error` empty) or none (`status` 0 and a
/// word in `error`), never both: an answer that broke off is none. Of mail,
/// `status` is the server's last word: 250, or with an error what it refused.
struct http_outcome {
  long status = 0;
  /// url_not_allowed, address_not_allowed, method_not_allowed,
  /// header_not_allowed, dns_failed,
  /// connect_failed, tls_failed, timeout, connection_lost, bad_response,
  /// response_too_large, overloaded, aborted or internal. Of mail also
  /// recipient_refused (for good), login_refused or mail_refused.
  std::string error;
  /// The first 16 KiB as they came, never inflated; what followed was not read.
  std::string body;
  /// Of the final answer, names as they came.
  header_list headers;
  /// From `Retry-After`, clamped to 0..86400.
  std::optional<long> retry_after_seconds;
  call_timings timings;
};

} // namespace troupe::outbound
