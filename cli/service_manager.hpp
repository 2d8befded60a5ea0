// Tells the service manager how the process is: the datagrams of sd_notify(3).
// Says nothing where nobody listens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::cli {

class service_manager {
public:
  /// Whom NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID name. Takes the first
  /// one out of the environment.
  static service_manager of_environment();

  ~service_manager();
  service_manager(service_manager&& other) noexcept;
  service_manager& operator=(service_manager&&) = delete;

  void ready() const;
  void reloading() const;
  void stopping() const;
  void alive() const;

  /// How often it wants to hear that the process is alive: twice in the time
  /// after which it loses patience. Nothing when it does not.
  [[nodiscard]] std::optional<std::chrono::microseconds>
  watchdog_interval() const {
    return interval_;
  }

private:
  service_manager() = default;

  void say(std::string_view state) const;

  int socket_ = -1; // -1: nobody listens
  std::optional<std::chrono::microseconds> interval_;
};

} // namespace troupe::cli
