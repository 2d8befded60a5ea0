#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace troupe::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

bool is_ready(int file, steady_clock::time_point until) {
  const auto left
    = std::chrono::ceil<milliseconds>(until - steady_clock::now());
  pollfd waiting{file, POLLIN, 0};
  return left.count() > 0
         && poll(&waiting, 1, static_cast<int>(left.count())) > 0;
}

// Between fork and exec only what is safe after a fork of a threaded program.
[[noreturn]] void become(char* const* arguments, char* const* environment,
                         int output, int errors) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

// TROUPE_… variables of ours are the tests' own; a server refuses to start with
// one that it does not know.
std::vector<char*> environment_of_child() {
  std::vector<char*> kept;
  for (auto* const* each = environ; *each != nullptr; ++each)
    if (!std::string_view{*each}.starts_with("TROUPE_"))
      kept.push_back(*each);
  kept.push_back(nullptr);
  return kept;
}

} // namespace

process::process(const std::vector<std::string>& command,
                 const std::string& errors) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (auto& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto environment = environment_of_child();
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    fail("pipe");
  const auto log
    = open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  id_ = fork();
  if (id_ == 0)
    become(arguments.data(), environment.data(), ends[1], log);
  close(ends[1]);
  close(log);
  output_ = ends[0];
  if (id_ < 0)
    fail("fork");
  ended_ = static_cast<int>(syscall(SYS_pidfd_open, id_, 0));
  if (ended_ < 0)
    fail("pidfd_open");
}

process::~process() {
  if (!code_) {
    signal(SIGKILL);
    wait(std::chrono::seconds{10});
  }
  close(output_);
  close(ended_);
}

std::optional<std::string> process::read_line(std::chrono::seconds patience) {
  const auto until = steady_clock::now() + patience;
  while (true) {
    if (const auto end = unread_.find('\n'); end != unread_.npos) {
      auto line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> bytes{};
    if (!is_ready(output_, until))
      return std::nullopt;
    const auto got = read(output_, bytes.data(), bytes.size());
    if (got <= 0)
      return std::nullopt;
    unread_.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

void process::signal(int number) {
  if (!code_)
    ::kill(id_, number);
}

std::optional<int> process::wait(std::chrono::seconds patience) {
  if (code_)
    return code_;
  if (!is_ready(ended_, steady_clock::now() + patience))
    return std::nullopt;
  int status = 0;
  if (waitpid(id_, &status, 0) != id_)
    return std::nullopt;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return code_;
}

temporary_directory::temporary_directory() {
  auto name
    = (std::filesystem::temp_directory_path() / "troupe-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    fail("mkdtemp");
  path_ = name;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace troupe::test
