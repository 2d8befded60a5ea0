#include "cli/call_port.hpp"

#include "outbound/signature.hpp"
#include "outbound/url_check.hpp"

#include <chrono>

namespace troupe::cli {

namespace {

messages::call_outcome failed(std::string word) {
  messages::call_outcome outcome;
  outcome.error = std::move(word);
  return outcome;
}

messages::call_outcome outcome_of(outbound::http_outcome from) {
  messages::call_outcome outcome;
  outcome.status = from.status;
  outcome.error = std::move(from.error);
  outcome.body = std::move(from.body);
  outcome.headers = std::move(from.headers);
  if (from.retry_after_seconds)
    outcome.retry_after = std::chrono::seconds{*from.retry_after_seconds};
  outcome.timings = {from.timings.dns, from.timings.connect, from.timings.tls,
                     from.timings.first_byte, from.timings.total};
  return outcome;
}

engine::status sign(messages::outgoing_call& call) {
  if (call.signing_secret.empty())
    return engine::success();
  std::vector<std::string> keys;
  for (const auto& secret : {call.signing_secret, call.previous_secret}) {
    if (secret.empty())
      continue;
    auto key = outbound::decode_signing_secret(secret);
    if (!key)
      return key.failure();
    keys.push_back(std::move(*key));
  }
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
    std::chrono::system_clock::now().time_since_epoch());
  auto headers = outbound::standard_webhook_headers(
    call.delivery_id, now.count(), call.body, keys);
  if (!headers)
    return headers.failure();
  call.headers.insert(call.headers.end(), headers->begin(), headers->end());
  return engine::success();
}

} // namespace

messages::call_port make_call_port(outbound::transport& transport,
                                   const outbound::address_guard& guard) {
  return [&transport, guard](messages::outgoing_call call,
                             std::function<void(messages::call_outcome)> done) {
    // The URL of an `http` node is known only now.
    if (auto allowed = outbound::check_url(call.url, guard); !allowed) {
      done(failed(allowed.failure().name));
      return;
    }
    if (auto signed_ = sign(call); !signed_) {
      done(failed(signed_.failure().name));
      return;
    }
    outbound::http_call out;
    out.method = std::move(call.method);
    out.url = std::move(call.url);
    out.headers = std::move(call.headers);
    out.body = std::move(call.body);
    transport.submit(std::move(out),
                     [done = std::move(done)](outbound::http_outcome outcome) {
                       done(outcome_of(std::move(outcome)));
                     });
  };
}

} // namespace troupe::cli
