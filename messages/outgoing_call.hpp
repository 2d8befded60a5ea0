// The port through which dispatchers call and send mail; the outbound room is
// behind it, a recorder in tests.
#pragma once

#include "engine/webhook_profile.hpp"
#include "messages/message_origin.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::messages {

enum class mail_security { none, starttls, tls };

/// A message to one address, and the server that takes it.
struct outgoing_mail {
  std::string host;
  std::uint16_t port = 0;
  mail_security security = mail_security::starttls;
  std::string username; // empty: not logged in
  std::string password;
  std::string certificate; // PEM, to trust; empty: the system's

  std::string from; // "News <news@example.org>", or an address
  std::string reply_to;
  std::string to; // an address
  std::string subject;
  std::string text;
  std::string html;
  std::string message_id; // without its brackets
  bool tracked = false;   // whether opening it and following its links is noted
  std::chrono::sys_seconds date{};
};

struct outgoing_call {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string delivery_id; // "dlv_…": the same over all attempts
  /// How it is signed, and how long the receiver may take.
  engine::webhook_profile profile = engine::webhook_profile::standard;
  std::string signing_secret;  // "whsec_…"; empty: not signed
  std::string previous_secret; // signs too, while a rotation lasts; or empty
  std::optional<outgoing_mail> mail;    // then it is no HTTP call
  std::optional<message_origin> origin; // of what goes over a channel
};

struct call_timings {
  std::chrono::milliseconds dns{};
  std::chrono::milliseconds connect{};
  std::chrono::milliseconds tls{};
  std::chrono::milliseconds first_byte{};
  std::chrono::milliseconds total{};
};

struct call_outcome {
  long status = 0;   // 0: no answer
  std::string error; // a stable word when there was no answer, or a refusal
  std::string body;  // the first bytes of the answer
  std::vector<std::pair<std::string, std::string>> headers; // of the answer
  std::optional<std::chrono::seconds> retry_after;
  call_timings timings;
};

/// `done` is called once, on any thread.
using call_port
  = std::function<void(outgoing_call, std::function<void(call_outcome)> done)>;

} // namespace troupe::messages
