#include "cli/webhook_listener.hpp"

#include "cli/client.hpp"
#include "cli/output.hpp"
#include "engine/json_text.hpp"
#include "http/server.hpp"
#include "outbound/webhook_check.hpp"

#include <boost/json/parse.hpp>

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t body_bytes_max = 16 * 1024 * 1024;

std::string field(const http::request& from, std::string_view name) {
  const auto found = from.header(name);
  return found ? std::string{*found} : std::string{};
}

/// @returns whether there still is who reads it
bool show(const std::string& format, const http::request& got,
          const std::string& secret) {
  const outbound::delivery_headers headers{field(got, "webhook-id"),
                                           field(got, "webhook-timestamp"),
                                           field(got, "webhook-signature")};
  const auto good
    = outbound::check_signature(headers, got.body, secret).has_value();
  json::error_code failure;
  auto body = json::parse(got.body, failure);
  if (failure)
    body = json::string{got.body};
  if (format == "table") {
    const auto* type
      = body.is_object() ? body.get_object().if_contains("type") : nullptr;
    std::printf("%s  %s  signature %s\n", plain(headers.id).c_str(),
                type == nullptr ? "-" : plain(*type).c_str(),
                good ? "good" : "WRONG");
  } else {
    const json::object shown{{"webhook_id", headers.id},
                             {"signature_good", good},
                             {"body", std::move(body)}};
    std::puts(format == "json" ? pretty(shown).c_str()
                               : engine::to_json(shown).c_str());
  }
  return std::fflush(stdout) == 0;
}

json::value subscription(const arguments& given, const std::string& url) {
  json::object body{{"url", url + "/"},
                    {"description", "troupe webhooks listen"}};
  auto& events = body["events"].emplace_array();
  for (const auto& each : given.all("--event"))
    events.emplace_back(each);
  if (events.empty())
    events.emplace_back("*");
  return body;
}

sigset_t endings() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const auto each : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&wanted, each);
  return wanted;
}

/// What the receiving thread and the one that waits for the end share.
struct subscribed {
  std::atomic<bool> is_ready{false};
  std::string secret; // written before is_ready is
  std::atomic<bool> is_unread{false};
};

// The reader of a pipe has gone: no delivery is needed to see that.
bool is_stdout_closed() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

/// Until a signal says that it is enough, or nobody reads any more.
void wait_for_end(const sigset_t& endings, const subscribed& known) {
  constexpr timespec look_again{0, 200'000'000};
  while (sigtimedwait(&endings, nullptr, &look_again) < 0)
    if (known.is_unread.load() || is_stdout_closed())
      return;
}

} // namespace

int listen_to_webhooks(const arguments& given) {
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  const auto status
    = std::strtoul(given.text("--status", "200").c_str(), nullptr, 10);
  if (status < 200 || status > 599)
    return report(engine::invalid("status_invalid",
                                  "--status takes a number from 200 to 599"));
  // Before any thread is, so that only this one hears them.
  const auto wanted = endings();
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  // A reader that goes is no reason to leave the endpoint behind.
  std::signal(SIGPIPE, SIG_IGN);
  const auto format = given.text("--output", "table");
  const auto known = std::make_shared<subscribed>();
  http::server_options receiving;
  receiving.body_bytes = body_bytes_max;
  auto receiver = http::server::start(
    std::move(receiving),
    [known, format, status](http::request got, http::responder answer) {
      http::response said;
      // What comes earlier is not ours yet: it will come again.
      const auto is_ours = known->is_ready.load(std::memory_order_acquire);
      said.status
        = is_ours ? static_cast<std::uint16_t>(status) : std::uint16_t{503};
      said.content_type = {};
      if (is_ours && !show(format, got, known->secret))
        known->is_unread.store(true);
      answer.respond(std::move(said));
    });
  if (!receiver)
    return report(receiver.failure());
  const auto made = server->ask(
    "POST", "/v1/webhooks", subscription(given, (*receiver)->address().url()));
  if (!made)
    return report(made.failure());
  known->secret = std::string{made->at("signing_secret").as_string()};
  known->is_ready.store(true, std::memory_order_release);
  const auto id = std::string{made->at("id").as_string()};
  std::fprintf(stderr, "listening as %s; Ctrl-C ends it\n", id.c_str());
  wait_for_end(wanted, *known);
  const auto gone = server->ask("DELETE", "/v1/webhooks/" + escaped(id));
  (*receiver)->stop();
  return gone ? exit_success : report(gone.failure());
}

} // namespace troupe::cli
