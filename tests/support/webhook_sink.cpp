#include "tests/support/webhook_sink.hpp"

#include "outbound/signature.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace troupe::test {

namespace {

received_call parse_call(const std::string& request) {
  received_call call;
  call.at = std::chrono::steady_clock::now();
  const auto end = request.find("\r\n\r\n");
  call.body = request.substr(end + 4);
  auto at = request.find("\r\n");
  call.line = request.substr(0, at);
  while (at < end) {
    at += 2;
    const auto next = request.find("\r\n", at);
    const auto colon = request.find(": ", at);
    auto name = request.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    call.headers[name] = request.substr(colon + 2, next - colon - 2);
    at = next;
  }
  boost::json::error_code failure;
  auto parsed = boost::json::parse(call.body, failure);
  if (!failure)
    call.json = std::move(parsed);
  return call;
}

} // namespace

webhook_sink::webhook_sink(std::function<int(std::size_t)> status,
                           std::uint16_t port)
  : status_{std::move(status)},
    receiver_{[this](connection& peer) {
                play(peer);
              },
              {},
              "127.0.0.1",
              port} {}

void webhook_sink::play(connection& peer) {
  for (auto request = peer.read_request(); !request.empty();
       request = peer.read_request()) {
    auto call = parse_call(request);
    std::size_t number = 0;
    {
      const std::lock_guard lock{mutex_};
      number = calls_.size();
      calls_.push_back(std::move(call));
    }
    came_.notify_all();
    if (!peer.write(response(status_ ? status_(number) : 200)))
      return;
  }
}

std::vector<received_call>
webhook_sink::wait_for(std::size_t count, std::chrono::seconds patience) {
  std::unique_lock lock{mutex_};
  came_.wait_for(lock, patience, [&] {
    return calls_.size() >= count;
  });
  return calls_;
}

bool is_signed_with(const received_call& call, const std::string& secret) {
  const auto header = [&](const char* name) {
    const auto found = call.headers.find(name);
    return found == call.headers.end() ? std::string{} : found->second;
  };
  const auto key = outbound::decode_signing_secret(secret);
  if (!key)
    return false;
  const std::vector<std::string> keys{*key};
  const auto made = outbound::standard_webhook_headers(
    header("webhook-id"), std::atoll(header("webhook-timestamp").c_str()),
    call.body, keys);
  if (!made)
    return false;
  const auto given = header("webhook-signature");
  return std::any_of(made->begin(), made->end(), [&](const auto& wanted) {
    return wanted.first == "webhook-signature"
           && given.find(wanted.second) != std::string::npos;
  });
}

} // namespace troupe::test
