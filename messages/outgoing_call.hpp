// The port through which dispatchers make HTTP calls; the outbound room is
// behind it, a recorder in tests.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::messages {

struct outgoing_call {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string delivery_id;     // "dlv_…": the same over all attempts
  std::string signing_secret;  // "whsec_…"; empty: not signed
  std::string previous_secret; // signs too, while a rotation lasts; or empty
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
  std::string error; // a stable word when there was no answer
  std::string body;  // the first bytes of the answer
  std::vector<std::pair<std::string, std::string>> headers; // of the answer
  std::optional<std::chrono::seconds> retry_after;
  call_timings timings;
};

/// `done` is called once, on any thread.
using call_port
  = std::function<void(outgoing_call, std::function<void(call_outcome)> done)>;

} // namespace troupe::messages
