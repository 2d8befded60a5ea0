#include "cli/running_server.hpp"

#include "cli/call_port.hpp"
#include "cli/chosen_store.hpp"
#include "cli/decision_file.hpp"
#include "cli/first_start.hpp"
#include "cli/front_options.hpp"
#include "cli/log.hpp"
#include "cli/metrics.hpp"
#include "cli/version.hpp"
#include "http/erasure_certificate.hpp"
#include "outbound/signature.hpp"
#include "outbound/url_check.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace troupe::cli {

namespace {

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

} // namespace

result<std::unique_ptr<running_server>>
running_server::start(const settings& from) {
  auto made = std::make_unique<running_server>();
  // Before the store: a start that fails must not make a first key that nobody
  // is shown.
  if (auto listening = made->listen(from); !listening)
    return listening.failure();
  auto chosen = open_chosen_store(from);
  if (!chosen)
    return chosen.failure();
  for (const auto& each : chosen->warnings)
    log_line(log_level::warn, each);
  made->store_ = std::move(chosen->store);
  made->store_kind_ = std::move(chosen->kind);
  made->store_version_ = std::move(chosen->version);
  if (is_embedded(from))
    made->data_directory_ = from.data_directory;
  made->first_key_file_ = from.first_key_file;
  if (from.first_key_file.empty() && !is_terminal())
    made->first_key_file_ = from.data_directory + "/first-key";
  auto key = prepare_empty_store(*made->store_, made->first_key_file_);
  if (!key)
    return key.failure();
  made->first_key_ = *key;
  if (auto started = made->start_actors(from); !started)
    return started.failure();
  made->serve();
  return made;
}

// First of all: the address guard must know which addresses are our own, too.
// Nobody is served before serve().
engine::status running_server::listen(const settings& from) {
  auto chosen = front_options(from);
  if (!chosen)
    return chosen.failure();
  auto& front = *chosen;
  front.accepts_at_once = false;
  front.check = [this](http::request& what) {
    return api_.load(std::memory_order_acquire)->check(what);
  };
  front.on_answer = [this](const http::answered& about) {
    durations_.note(about);
    log_answer(about);
  };
  front.after_burst = [this] {
    // Also called when nobody has been served yet.
    if (const auto* api = api_.load(std::memory_order_acquire))
      api->end_burst();
  };
  auto server = http::server::start(
    std::move(front), [this](http::request what, http::responder answer) {
      const auto* api = api_.load(std::memory_order_acquire);
      api->handle(std::move(what), std::move(answer));
    });
  if (!server)
    return server.failure();
  front_ = std::move(*server);
  return engine::success();
}

engine::status running_server::start_actors(const settings& from) {
  outbound::address_guard_options guarding;
  guarding.allow_private = from.allow_private_webhooks;
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
  calling.user_agent = "Troupe/" + std::string{version.number};
  transport_ = std::make_unique<outbound::transport>(std::move(calling));
  links_ = std::make_shared<const http::tracking_codec>(store_->secret());
  system_options parts;
  parts.store = store_;
  parts.port = std::make_shared<const messages::call_port>(
    make_call_port(*transport_, *guard_, {links_, from.public_url}));
  parts.check_url = [guard = *guard_](const std::string& url) {
    return outbound::check_url(url, guard);
  };
  parts.make_secret = outbound::make_signing_secret;
  parts.request_deadline = from.request_deadline;
  parts.threads = cores();
  guard_of_decisions_ = open_decision_file(from.data_directory);
  parts.guard = guard_of_decisions_;
  auto system = troupe_system::start(std::move(parts));
  if (!system)
    return system.failure();
  system_ = std::move(*system);
  return engine::success();
}

void running_server::serve() {
  http::api_context serving;
  serving.gateway = system_->gateway();
  serving.feed = system_->feed();
  serving.catalog = system_->catalog();
  serving.ids = system_->ids();
  serving.clock = actors::system_time;
  serving.cursors
    = std::make_shared<const http::cursor_codec>(store_->secret());
  serving.links = links_;
  serving.certificates
    = std::make_shared<const http::certificate_signer>(store_->secret());
  serving.ready = ready_;
  serving.rejected = rejected_;
  serving.warn = [](std::string_view message, const http::log_fields& about) {
    log_line(log_level::warn, message, about);
  };
  serving.store = [this] {
    const auto& known = system_->counters();
    return !known.store_is_there.load() ? http::store_health::away
           : !known.store_writes.load() ? http::store_health::failing
                                        : http::store_health::good;
  };
  serving.metrics = [this] {
    return metrics_text({front_->counters(), *rejected_, durations_,
                         system_->counters(), data_directory_});
  };
  routes_ = std::make_unique<http::api>(std::move(serving));
  ready_->store(true);
  api_.store(routes_.get(), std::memory_order_release);
  front_->accept();
}

std::string running_server::ready_line() const {
  const auto* tls = front_->tls_address();
  return R"({"ready":true,"url":")" + front_->address().url() + '"'
         + (tls == nullptr ? "" : R"(,"tls_url":")" + tls->url() + '"') + '}';
}

// 5xx as a warning, all others only where debug lines are wanted.
void running_server::log_answer(const http::answered& about) const {
  using std::chrono::duration_cast;
  const auto level = about.status >= 500 ? log_level::warn : log_level::debug;
  if (!is_logged(level))
    return;
  const auto took = duration_cast<std::chrono::microseconds>(
    std::chrono::steady_clock::now() - about.began);
  log_fields fields{{"method", std::string{about.method}},
                    {"route", std::string{about.route}},
                    {"status", std::to_string(about.status)},
                    {"duration_us", std::to_string(took.count())},
                    {"request_id", std::string{about.id.view()}}};
  if (!about.trace.view().empty())
    fields.emplace_back("trace_id", about.trace.view());
  if (about.workspace != engine::workspace_id{})
    fields.emplace_back("tenant", api_.load()->tenant_of(about.workspace));
  log_line(level, "request", fields);
}

void running_server::reload_certificate() {
  if (front_->tls_address() == nullptr)
    return;
  if (const auto read = front_->reload_certificate(); !read)
    log_line(log_level::error,
             read.failure().message + "; the former one serves on");
  else
    log_line(log_level::info, "the TLS certificate was read again");
}

bool running_server::is_stuck() const {
  constexpr unsigned looks = 20;
  return guard_of_decisions_ && guard_of_decisions_->is_stuck(looks);
}

// Stops accepting, answers what runs, then ends the actors from the edge
// inwards; what is committed but not delivered waits in the outbox.
void running_server::stop(std::chrono::milliseconds patience) {
  ready_->store(false);
  front_->drain();
  if (!front_->wait_drained(patience))
    log_line(log_level::warn,
             "requests were still open at the shutdown timeout");
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

} // namespace troupe::cli
