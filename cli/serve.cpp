#include "cli/serve.hpp"

#include "cli/call_port.hpp"
#include "cli/first_start.hpp"
#include "cli/front_options.hpp"
#include "cli/log.hpp"
#include "cli/metrics.hpp"
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
#include <initializer_list>
#include <memory>
#include <optional>

namespace troupe::cli {

namespace {

using engine::errc;
using engine::error;
using engine::result;

// An orderly stop that takes longer than this has gone wrong.
constexpr unsigned stop_seconds_max = 20;

// Cores this process may use, not those of the machine.
std::size_t cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
}

sigset_t signals(std::initializer_list<int> numbers) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const auto each : numbers)
    sigaddset(&wanted, each);
  return wanted;
}

// Blocked before any thread exists, so that only `wait_for_signal` sees them.
void block_signals() {
  const auto wanted = signals({SIGINT, SIGTERM, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void unblock_signals() {
  const auto wanted = signals({SIGINT, SIGTERM});
  pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
}

int wait_for_signal() {
  const auto wanted = signals({SIGINT, SIGTERM, SIGHUP});
  int got = 0;
  sigwait(&wanted, &got);
  return got;
}

/// Everything a running server holds; members end in reverse order.
class running_server {
public:
  static result<std::unique_ptr<running_server>>
  start(const serve_options& options);

  /// The line that says where to reach it.
  [[nodiscard]] std::string ready_line() const;

  void reload();

  [[nodiscard]] const std::string& first_key() const {
    return first_key_;
  }

  void stop(std::chrono::milliseconds patience);

private:
  engine::status listen(const serve_options& options);
  engine::status start_actors(const serve_options& options);
  void serve();

  std::string first_key_;
  std::string data_directory_;
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
  // Before the store: a start that fails must not make a first key that nobody
  // is shown.
  if (auto listening = made->listen(options); !listening)
    return listening.failure();
  auto store = persistence::sqlite::open_store(options.data_directory,
                                               actors::system_time());
  if (!store)
    return store.failure();
  made->store_ = std::move(*store);
  made->data_directory_ = options.data_directory;
  auto key = prepare_empty_store(*made->store_, options.first_key_file);
  if (!key)
    return key.failure();
  made->first_key_ = *key;
  if (auto started = made->start_actors(options); !started)
    return started.failure();
  made->serve();
  return made;
}

// First of all: the address guard must know which addresses are our own, too.
engine::status running_server::listen(const serve_options& options) {
  auto chosen = front_options(options);
  if (!chosen)
    return chosen.failure();
  auto& front = *chosen;
  front.check = [this](http::request& what) -> std::optional<http::response> {
    if (const auto* api = api_.load(std::memory_order_acquire))
      return api->check(what);
    return http::response{
      503, "text/plain", {{"Retry-After", "1"}}, "starting\n", true};
  };
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
      // The check has found it.
      const auto* api = api_.load(std::memory_order_acquire);
      api->handle(std::move(what), std::move(answer));
    });
  if (!server)
    return server.failure();
  front_ = std::move(*server);
  return engine::success();
}

engine::status running_server::start_actors(const serve_options& options) {
  outbound::address_guard_options guarding;
  guarding.allow_private = options.allow_private_webhooks;
  for (const auto* bound : {&front_->address(), front_->tls_address()}) {
    if (bound == nullptr)
      continue;
    const auto url = bound->url();
    const auto own = outbound::parse_endpoint(url.substr(url.find("//") + 2));
    if (own)
      guarding.own_addresses.push_back(*own);
  }
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
  serving.metrics = [this] {
    return metrics_text(
      {front_->counters(), system_->counters(), data_directory_});
  };
  routes_ = std::make_unique<http::api>(std::move(serving));
  ready_->store(true);
  api_.store(routes_.get(), std::memory_order_release);
}

std::string running_server::ready_line() const {
  const auto* tls = front_->tls_address();
  return R"({"ready":true,"url":")" + front_->address().url() + '"'
         + (tls == nullptr ? "" : R"(,"tls_url":")" + tls->url() + '"') + '}';
}

void running_server::reload() {
  if (front_->tls_address() == nullptr)
    return;
  if (const auto read = front_->reload_certificate(); !read)
    log_line("error", read.failure().message + "; the former one serves on");
  else
    log_line("info", "the TLS certificate was read again");
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
  std::printf("%s\n", (*server)->ready_line().c_str());
  std::fflush(stdout);
  while (wait_for_signal() == SIGHUP)
    (*server)->reload();
  unblock_signals(); // a second signal ends the process at once
  log_line("info", "stopping");
  (*server)->stop(options.shutdown_timeout);
  log_line("info", "stopped");
  return 0;
}

} // namespace troupe::cli
