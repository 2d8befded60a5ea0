#include "cli/serve.hpp"

#include "cli/chosen_store.hpp"
#include "cli/log.hpp"
#include "cli/out_of_memory.hpp"
#include "cli/running_server.hpp"
#include "cli/service_manager.hpp"
#include "cli/version.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <memory>
#include <utility>

namespace troupe::cli {

namespace {

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
  // A file that may not grow is a disk that is full: writes say so.
  std::signal(SIGXFSZ, SIG_IGN);
}

void unblock_signals() {
  const auto wanted = signals({SIGINT, SIGTERM});
  pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
}

/// The signal that came, or 0 once `patience` is over.
int wait_for_signal(std::chrono::nanoseconds patience) {
  const auto wanted = signals({SIGINT, SIGTERM, SIGHUP});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  const timespec limit{seconds.count(), (patience - seconds).count()};
  const auto got = sigtimedwait(&wanted, nullptr, &limit);
  return got < 0 ? 0 : got;
}

// The soft bound is kept low for programs that use select().
void allow_descriptors() {
  constexpr rlim_t wanted = 65'536;
  rlimit allowed{};
  if (getrlimit(RLIMIT_NOFILE, &allowed) != 0 || allowed.rlim_cur >= wanted)
    return;
  allowed.rlim_cur = std::min(wanted, allowed.rlim_max);
  setrlimit(RLIMIT_NOFILE, &allowed);
}

// What is in memory are keys and people: nobody attaches, no core is written.
void hide_memory() {
  prctl(PR_SET_DUMPABLE, 0);
}

/// Tells the manager that the process is alive, as long as what it is for
/// answers: a store that hangs ends the pings, and the manager ends us.
class watchdog {
public:
  watchdog(const service_manager& manager, const running_server& server)
    : manager_{manager}, server_{server} {
    if (manager.watchdog_interval())
      ask();
  }

  void tick() {
    if (!answered_->exchange(false))
      return;
    manager_.alive();
    ask();
  }

private:
  void ask() {
    server_.probe([answered = answered_] {
      answered->store(true);
    });
  }

  const service_manager& manager_;
  const running_server& server_;
  std::shared_ptr<std::atomic<bool>> answered_
    = std::make_shared<std::atomic<bool>>(false);
};

/// Makes the running process what the layers say now, as far as that goes.
void apply(settings& current, const loaded_settings& fresh) {
  for (const auto& each : fresh.problems)
    log_line(log_level::error, each);
  if (!fresh.problems.empty()) {
    log_line(log_level::error, "the settings stay as they were");
    return;
  }
  for (const auto& each : all_settings()) {
    auto value = value_of(fresh.values, each);
    if (value == value_of(current, each))
      continue;
    const log_fields about{{"key", std::string{each.name}}};
    if (each.can_reload)
      set_value(current, each, std::move(value));
    log_line(each.can_reload ? log_level::info : log_level::warn,
             each.can_reload ? "a setting was changed"
                             : "a changed setting needs a restart",
             about);
  }
  set_log(current);
}

constexpr std::chrono::seconds look_interval{1};

/// A decision that loops holds a thread for good. It is begun again by the
/// process that comes next, which parks it when that does not help.
void end_if_stuck(const running_server& server) {
  if (!server.is_stuck())
    return;
  log_line(log_level::error,
           "the decision of one input does not end; the process does, so that "
           "it is begun again");
  flush_log();
  std::_Exit(exit_failure);
}

/// Until a signal says that it is enough.
void live(settings& current, running_server& server,
          const service_manager& manager,
          const std::function<loaded_settings()>& load_again) {
  using clock = std::chrono::steady_clock;
  constexpr std::chrono::hours long_time{1};
  const clock::duration interval
    = manager.watchdog_interval().value_or(long_time);
  watchdog dog{manager, server};
  auto next = clock::now() + interval;
  auto next_look = clock::now() + look_interval;
  while (true) {
    const auto left = std::max(std::min(next, next_look) - clock::now(),
                               clock::duration::zero());
    const auto got = wait_for_signal(left);
    if (got == SIGHUP) {
      manager.reloading();
      apply(current, load_again());
      server.reload_certificate();
      manager.ready();
    } else if (got != 0) {
      return;
    }
    if (clock::now() >= next) {
      dog.tick();
      next += interval;
    }
    if (clock::now() >= next_look) {
      end_if_stuck(server);
      next_look = clock::now() + look_interval;
    }
  }
}

void say_started(const settings& from, const running_server& server) {
  log_line(log_level::info, "started",
           {{"version", std::string{version.number}},
            {"commit", std::string{version.commit}},
            {"store", server.store_kind()},
            {"store_version", server.store_version()},
            {"data", is_embedded(from) ? from.data_directory : ""}});
  if (server.first_key().empty())
    return;
  if (!server.first_key_file().empty()) {
    log_line(log_level::info, "the first key is in a file",
             {{"file", server.first_key_file()}});
    return;
  }
  flush_log();
  std::fprintf(stderr, "first key (shown once): %s\n",
               server.first_key().c_str());
}

} // namespace

int run_serve(const loaded_settings& from,
              const std::function<loaded_settings()>& load_again) {
  auto current = from.values;
  hide_memory();
  end_when_out_of_memory();
  allow_descriptors();
  block_signals();
  start_log_writer();
  const auto manager = service_manager::of_environment();
  auto server = running_server::start(current);
  if (!server) {
    log_line(log_level::error, server.failure().message);
    flush_log();
    return exit_failure;
  }
  say_started(current, **server);
  std::printf("%s\n", (*server)->ready_line().c_str());
  std::fflush(stdout);
  manager.ready();
  live(current, **server, manager, load_again);
  manager.stopping();
  unblock_signals(); // a second signal ends the process at once
  log_line(log_level::info, "stopping");
  (*server)->stop(current.shutdown_timeout);
  log_line(log_level::info, "stopped");
  flush_log();
  return exit_success;
}

} // namespace troupe::cli
