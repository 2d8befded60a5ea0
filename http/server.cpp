#include "http/server.hpp"

#include "http/connection_ledger.hpp"
#include "http/io_worker.hpp"
#include "http/listener.hpp"

#include <boost/asio/post.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace troupe::http {

namespace {

/// What is left for the store, logs, webhooks and the process itself (U5).
constexpr std::size_t descriptors_reserved = 128;

std::size_t connections_possible(std::size_t wanted) {
  rlimit allowed{};
  if (getrlimit(RLIMIT_NOFILE, &allowed) != 0
      || allowed.rlim_cur == RLIM_INFINITY)
    return wanted;
  const auto all = static_cast<std::size_t>(allowed.rlim_cur);
  const auto possible
    = all > 2 * descriptors_reserved ? all - descriptors_reserved : all / 2;
  return std::min(wanted, possible);
}

bool are_valid(const server_options& options) {
  constexpr std::size_t head_bytes_max = 60'000; // offsets are 16 bits
  return (options.plain || options.tls) && options.io_threads > 0
         && options.tick.count() > 0
         && options.head.head_bytes <= head_bytes_max;
}

} // namespace

std::string bound_address::url() const {
  const auto is_v6 = host.find(':') != host.npos;
  const std::string scheme = is_secure ? "https://" : "http://";
  return scheme + (is_v6 ? "[" + host + "]" : host) + ":"
         + std::to_string(port);
}

struct server::parts {
  parts(server_options given, handler handler_given)
    : options{std::move(given)},
      handle{std::move(handler_given)},
      ledger{connections_possible(options.connections),
             options.connections_per_address} {
    for (std::size_t i = 0; i < options.io_threads; ++i)
      workers.push_back(
        std::make_unique<io_worker>(options, handle, counters, ledger, [this] {
          worker_drained();
        }));
  }

  engine::status listen();
  engine::status listen(const listen_address& at, const tls_settings* secure);

  void worker_drained() {
    std::function<void()> call;
    {
      const std::lock_guard lock{mutex};
      if (++drained_workers < workers.size())
        return;
      is_drained = true;
      call = std::move(stopped);
    }
    changed.notify_all();
    if (call)
      call();
  }

  const server_options options;
  const handler handle;
  http_counters counters;
  connection_ledger ledger;
  std::unique_ptr<tls_settings> tls; // nothing: not spoken
  std::vector<std::unique_ptr<io_worker>> workers;
  // They go before the context they live in.
  std::vector<std::unique_ptr<listener>> listeners;
  std::vector<bound_address> addresses; // of each

  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> stopped; // guarded by mutex, as what follows
  std::size_t drained_workers = 0;
  bool is_draining = false;
  bool is_drained = false;
};

engine::status server::parts::listen() {
  if (options.plain) {
    if (auto opened = listen(*options.plain, nullptr); !opened)
      return opened;
  }
  if (!options.tls)
    return engine::success();
  auto loaded = tls_settings::load(options.tls->files);
  if (!loaded)
    return loaded.failure();
  tls = std::move(*loaded);
  return listen(options.tls->at, tls.get());
}

engine::status server::parts::listen(const listen_address& at,
                                     const tls_settings* secure) {
  auto made
    = std::make_unique<listener>(workers, ledger, counters, options, secure);
  if (auto opened = made->open(at); !opened)
    return opened;
  const auto bound = made->bound();
  addresses.push_back(
    {bound.address().to_string(), bound.port(), secure != nullptr});
  listeners.push_back(std::move(made));
  return engine::success();
}

server::server(std::unique_ptr<parts> all) : parts_{std::move(all)} {}

server::~server() {
  stop();
}

engine::result<std::unique_ptr<server>> server::start(server_options options,
                                                      handler handle) {
  if (!are_valid(options))
    return engine::invalid("listen_options_invalid",
                           "no address, or io_threads, tick or head_bytes is "
                           "out of range.");
  try {
    auto all = std::make_unique<parts>(std::move(options), std::move(handle));
    if (const auto opened = all->listen(); !opened)
      return opened.failure();
    if (all->options.accepts_at_once)
      for (const auto& each : all->listeners)
        each->accept();
    for (auto& worker : all->workers)
      worker->start();
    return std::unique_ptr<server>{new server{std::move(all)}};
  } catch (const std::exception& failure) {
    return engine::error{
      engine::errc::internal, "listen_threads", failure.what(), {}};
  }
}

void server::accept() {
  boost::asio::post(parts_->workers.front()->context(), [all = parts_.get()] {
    for (const auto& each : all->listeners)
      each->accept();
  });
}

const bound_address& server::address() const {
  return parts_->addresses.front();
}

const bound_address* server::tls_address() const {
  return parts_->tls ? &parts_->addresses.back() : nullptr;
}

engine::status server::reload_certificate() {
  if (!parts_->tls)
    return engine::success();
  auto read = parts_->tls->reload();
  if (!read)
    raise(parts_->counters.tls_reload_failures);
  return read;
}

const http_counters& server::counters() const {
  return parts_->counters;
}

void server::drain(std::function<void()> stopped) {
  {
    const std::lock_guard lock{parts_->mutex};
    if (std::exchange(parts_->is_draining, true))
      return;
    parts_->stopped = std::move(stopped);
  }
  // First the listeners, then the workers: a connection accepted before is on
  // its way to its worker ahead of the drain.
  boost::asio::post(parts_->workers.front()->context(), [all = parts_.get()] {
    for (const auto& each : all->listeners)
      each->close();
    for (auto& worker : all->workers)
      worker->drain();
  });
}

void server::stop() {
  for (auto& worker : parts_->workers)
    worker->stop();
}

bool server::wait_drained(std::chrono::milliseconds patience) {
  std::unique_lock lock{parts_->mutex};
  return parts_->changed.wait_for(lock, patience, [this] {
    return parts_->is_drained;
  });
}

} // namespace troupe::http
