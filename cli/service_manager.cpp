#include "cli/service_manager.hpp"

#include "cli/log.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

namespace troupe::cli {

namespace {

// A manager that does not read must not hold us up for longer.
constexpr timeval send_patience{2, 0};

std::optional<std::int64_t> number_in(const char* variable) {
  const auto* text = std::getenv(variable);
  if (text == nullptr)
    return std::nullopt;
  std::int64_t number = 0;
  const auto* end = text + std::strlen(text);
  const auto [stopped, failed] = std::from_chars(text, end, number);
  if (failed != std::errc{} || stopped != end || number <= 0)
    return std::nullopt;
  return number;
}

/// A path, or "@" and a name that is in no file system.
int connect_to(std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() < 2 || name.size() >= sizeof address.sun_path
      || (name.front() != '/' && name.front() != '@'))
    return -1;
  name.copy(address.sun_path, name.size());
  if (name.front() == '@')
    address.sun_path[0] = '\0';
  const auto length
    = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  const auto made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (made < 0)
    return -1;
  setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &send_patience,
             sizeof send_patience);
  if (connect(made, reinterpret_cast<const sockaddr*>(&address), length) == 0)
    return made;
  close(made);
  return -1;
}

} // namespace

service_manager service_manager::of_environment() {
  service_manager found;
  const auto* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr)
    return found;
  found.socket_ = connect_to(name);
  if (found.socket_ < 0)
    log_line(log_level::warn, "the service manager cannot be reached");
  unsetenv("NOTIFY_SOCKET");
  const auto whom = number_in("WATCHDOG_PID");
  if (whom && *whom != getpid())
    return found;
  if (const auto patience = number_in("WATCHDOG_USEC"))
    found.interval_ = std::chrono::microseconds{*patience / 2};
  return found;
}

service_manager::service_manager(service_manager&& other) noexcept
  : socket_{std::exchange(other.socket_, -1)}, interval_{other.interval_} {}

service_manager::~service_manager() {
  if (socket_ >= 0)
    close(socket_);
}

void service_manager::ready() const {
  say("READY=1");
}

void service_manager::reloading() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros
    = std::int64_t{now.tv_sec} * 1'000'000 + std::int64_t{now.tv_nsec} / 1'000;
  say("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

void service_manager::stopping() const {
  say("STOPPING=1");
}

void service_manager::alive() const {
  say("WATCHDOG=1");
}

void service_manager::say(std::string_view state) const {
  if (socket_ >= 0
      && send(socket_, state.data(), state.size(), MSG_NOSIGNAL) < 0)
    log_line(log_level::warn, "the service manager cannot be reached",
             {{"why", std::strerror(errno)}});
}

} // namespace troupe::cli
