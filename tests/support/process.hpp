// A child process whose first lines of output are read with a deadline. It does
// not outlive the object, nor the thread that started it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace troupe::test {

class process {
public:
  /// @param errors the file that what it writes to stderr is appended to
  /// @throws std::system_error when it cannot be started
  process(const std::vector<std::string>& command, const std::string& errors);
  ~process();

  process(const process&) = delete;
  process& operator=(const process&) = delete;

  /// The next line of its stdout, or nothing when it ends or time runs out.
  std::optional<std::string> read_line(std::chrono::seconds patience);

  void signal(int number);

  /// The exit code, or 128 + the signal that ended it; nothing when it still
  /// runs after `patience`.
  std::optional<int> wait(std::chrono::seconds patience);

  [[nodiscard]] pid_t id() const noexcept {
    return id_;
  }

private:
  pid_t id_ = -1;
  int ended_ = -1; // a pidfd: readable once it has ended
  int output_ = -1;
  std::string unread_;
  std::optional<int> code_;
};

/// A new directory that is removed, with what is in it, at the end.
class temporary_directory {
public:
  temporary_directory();
  ~temporary_directory();

  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  [[nodiscard]] const std::string& path() const noexcept {
    return path_;
  }

private:
  std::string path_;
};

} // namespace troupe::test
