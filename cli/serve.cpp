#include "cli/serve.hpp"

#include "cli/call_port.hpp"
#include "cli/first_start.hpp"
#include "cli/log.hpp"
#include "cli/troupe_system.hpp"
#include "http/api.hpp"
#include "http/server.hpp"
#include "outbound/signature.hpp"
#include "outbound/url_check.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>

namespace troupe::cli {

namespace {

using engine::errc;
using engine::error;
using engine::result;

// An orderly stop that takes longer than this has gone wrong.
constexpr unsigned stop_seconds_max = 20;

struct listen_address {
  std::string host;
  std::uint16_t port = 0;
};

result<listen_address> parse_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  const error wrong{errc::invalid_request,
                    "listen_address_invalid",
                    "--listen takes HOST:PORT, such as 127.0.0.1:8080",
                    {}};
  if (colon == std::string::npos || colon + 1 == text.size())
    return wrong;
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  unsigned port = 0;
  for (const char c : text.substr(colon + 1)) {
    if (c < '0' || c > '9' || port > 65'535)
      return wrong;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  if (port > 65'535)
    return wrong;
  return listen_address{std::move(host), static_cast<std::uint16_t>(port)};
}

// Cores this process may use, not those of the machine.
std::size_t cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
}

// Blocked before any thread exists, so that only `wait_for_signal` sees them.
void block_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void unblock_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
}

int wait_for_signal() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  int got = 0;
  sigwait(&wanted, &got);
  return got;
}

/// Everything a running server holds; members end in reverse order.
class running_server {
public:
  static result<std::unique_ptr<running_server>>
  start(const serve_options& options);

  [[nodiscard]] std::string url() const {
    return front_->address().url();
  }

  [[nodiscard]] const std::string& first_key() const {
    return first_key_;
  }

  void stop(std::chrono::milliseconds patience);

private:
  engine::status listen(const serve_options& options);
  engine::status start_actors(const serve_options& options);
  void serve();

  std::string first_key_;
  std::shared_ptr<std::atomic<bool>> ready_
    = std::make_shared<std::atomic<bool>>(false);
  std::atomic<const http::api*> api_{nullptr};
  std::shared_ptr<persistence::store> store_;
  std::unique_ptr<http::server> front_;
  std::optional<outbound::address_guard> guard_;
  std::unique_ptr<outbound::transport> transport_;
  std::unique_ptr<troupe_system> system_;
  std::unique_ptr<http::api> routes_;
};

result<std::unique_ptr<running_server>>
running_server::start(const serve_options& options) {
  auto made = std::make_unique<running_server>();
  auto store = persistence::sqlite::open_store(options.data_directory,
                                               actors::system_time());
  if (!store)
    return store.failure();
  made->store_ = std::move(*store);
  auto key = prepare_empty_store(*made->store_, options.first_key_file);
  if (!key)
    return key.failure();
  made->first_key_ = *key;
  if (auto listening = made->listen(options); !listening)
    return listening.failure();
  if (auto started = made->start_actors(options); !started)
    return started.failure();
  made->serve();
  return made;
}

// First of all: the address guard must know which addresses are our own.
engine::status running_server::listen(const serve_options& options) {
  const auto address = parse_listen(options.listen);
  if (!address)
    return address.failure();
  http::server_options front;
  front.host = address->host;
  front.port = address->port;
  // The actors answer at the deadline; this ends what they forgot.
  front.request_deadline = options.request_deadline + std::chrono::seconds{1};
  front.body_limit = http::body_limit;
  front.on_fault = [](const http::request_id& id, std::uint16_t status) {
    log_line("error", "a request was answered with a server error",
             {{"status", std::to_string(status)},
              {"request_id", std::string{id.view()}}});
  };
  front.after_burst = [this] {
    if (const auto* api = api_.load(std::memory_order_acquire))
      api->end_burst();
  };
  auto server = http::server::start(
    std::move(front), [this](http::request what, http::responder answer) {
      if (const auto* api = api_.load(std::memory_order_acquire))
        api->handle(std::move(what), std::move(answer));
      else
        answer.respond(
          {503, "text/plain", {{"Retry-After", "1"}}, "starting\n", true});
    });
  if (!server)
    return server.failure();
  front_ = std::move(*server);
  return engine::success();
}

engine::status running_server::start_actors(const serve_options& options) {
  const auto& bound = front_->address();
  const auto own = outbound::parse_endpoint(
    bound.host.find(':') == std::string::npos
      ? bound.host + ":" + std::to_string(bound.port)
      : "[" + bound.host + "]:" + std::to_string(bound.port));
  outbound::address_guard_options guarding;
  guarding.allow_private = options.allow_private_webhooks;
  if (own)
    guarding.own_addresses = {*own};
  guard_.emplace(std::move(guarding));
  outbound::transport_options calling;
  calling.guard = *guard_;
  calling.user_agent = std::string{"Troupe/"} + TROUPE_VERSION;
  transport_ = std::make_unique<outbound::transport>(std::move(calling));
  system_options parts;
  parts.store = store_;
  parts.port = std::make_shared<const messages::call_port>(
    make_call_port(*transport_, *guard_));
  parts.check_url = [guard = *guard_](const std::string& url) {
    return outbound::check_url(url, guard);
  };
  parts.make_secret = outbound::make_signing_secret;
  parts.request_deadline = options.request_deadline;
  parts.threads = cores();
  auto system = troupe_system::start(std::move(parts));
  if (!system)
    return system.failure();
  system_ = std::move(*system);
  return engine::success();
}

void running_server::serve() {
  http::api_context serving;
  serving.gateway = system_->gateway();
  serving.catalog = system_->catalog();
  serving.ids = system_->ids();
  serving.clock = actors::system_time;
  serving.cursors
    = std::make_shared<const http::cursor_codec>(store_->secret());
  serving.ready = ready_;
  serving.warn = [](std::string_view message, const http::log_fields& about) {
    log_line("warn", message, about);
  };
  routes_ = std::make_unique<http::api>(std::move(serving));
  ready_->store(true);
  api_.store(routes_.get(), std::memory_order_release);
}

// Stops accepting, answers what runs, then ends the actors from the edge
// inwards; what is committed but not delivered waits in the outbox.
void running_server::stop(std::chrono::milliseconds patience) {
  ready_->store(false);
  front_->drain();
  if (!front_->wait_drained(patience))
    log_line("warn", "requests were still open at the shutdown timeout");
  front_->stop();
  alarm(stop_seconds_max);
  routes_.reset();
  // The dispatchers end before the transport that they call; its completions
  // reach them no more, so a call that is cut off costs no attempt.
  system_->stop();
  transport_.reset();
  system_.reset();
  store_.reset();
}

} // namespace

int run_serve(const serve_options& options) {
  block_signals();
  auto server = running_server::start(options);
  if (!server) {
    log_line("error", server.failure().message);
    return 1;
  }
  log_line("info", "sqlite " + persistence::sqlite::library_version()
                     + ", data in " + options.data_directory);
  if (!(*server)->first_key().empty())
    std::fprintf(stderr, "first key (shown once): %s\n",
                 (*server)->first_key().c_str());
  std::printf("{\"ready\":true,\"url\":\"%s\"}\n", (*server)->url().c_str());
  std::fflush(stdout);
  wait_for_signal();
  unblock_signals(); // a second signal ends the process at once
  log_line("info", "stopping");
  (*server)->stop(options.shutdown_timeout);
  log_line("info", "stopped");
  return 0;
}

} // namespace troupe::cli
