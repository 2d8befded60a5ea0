#include "persistence/postgres/client_program.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>

namespace troupe::persistence::postgres {

namespace {

constexpr int not_found = 127;
constexpr std::size_t said_max = 64 * 1024;

class pipe_ends {
public:
  pipe_ends() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0)
      ends_ = {-1, -1};
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    end_reading();
    end_writing();
  }

  [[nodiscard]] int reading() const {
    return ends_[0];
  }
  [[nodiscard]] int writing() const {
    return ends_[1];
  }
  void end_reading() {
    if (ends_[0] >= 0)
      close(std::exchange(ends_[0], -1));
  }
  void end_writing() {
    if (ends_[1] >= 0)
      close(std::exchange(ends_[1], -1));
  }

private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<char*> as_words(const std::vector<std::string>& all) {
  std::vector<char*> out;
  for (const auto& each : all)
    out.push_back(const_cast<char*>(each.c_str()));
  out.push_back(nullptr);
  return out;
}

// As a value of "key='value'".
std::string quoted(std::string_view text) {
  std::string out{"'"};
  for (const char c : text) {
    if (c == '\'' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + "'";
}

// The child, between fork and exec.
[[noreturn]] void become(char* const* words, char* const* environment,
                         int output, int errors, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent)
    _exit(1);
  umask(077); // what it writes tells of people
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execvpe(words[0], words, environment);
  _exit(errno == ENOENT ? not_found : 1);
}

/// Takes what comes until both pipes have ended.
std::string read_both(pipe_ends& output, pipe_ends& errors,
                      const output_sink& sink) {
  std::string said;
  std::array<char, 64 * 1024> part{};
  while (output.reading() >= 0 || errors.reading() >= 0) {
    std::array<pollfd, 2> wanted{
      {{output.reading(), POLLIN, 0}, {errors.reading(), POLLIN, 0}}};
    if (poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR)
      break;
    for (auto* each : {&output, &errors}) {
      if (wanted[each == &output ? 0 : 1].revents == 0)
        continue;
      const auto got = read(each->reading(), part.data(), part.size());
      if (got <= 0) {
        each->end_reading();
        continue;
      }
      const std::string_view bytes{part.data(), static_cast<std::size_t>(got)};
      if (each == &output && sink)
        sink(bytes);
      if (each == &errors && said.size() < said_max)
        said += bytes;
    }
  }
  return said;
}

} // namespace

client_program::client_program(std::string name, std::string url)
  : name_{std::move(name)} {
  std::vector<std::pair<std::string, std::string>> given;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options{
    PQconninfoParse(url.c_str(), nullptr), PQconninfoFree};
  connection_ = "application_name=troupe-backup";
  for (const auto* each = options.get();
       each != nullptr && each->keyword != nullptr; ++each) {
    if (each->val == nullptr)
      continue;
    const auto is_secret = std::string_view{each->dispchar} == "*";
    if (each->envvar != nullptr)
      given.emplace_back(each->envvar, each->val);
    else if (!is_secret)
      connection_ += " " + std::string{each->keyword} + "=" + quoted(each->val);
  }
  const auto is_given = [&](std::string_view line) {
    for (const auto& each : given)
      if (line.starts_with(each.first + "="))
        return true;
    return false;
  };
  for (char** each = environ; *each != nullptr; ++each)
    if (!is_given(*each))
      environment_.emplace_back(*each);
  for (const auto& [variable, value] : given)
    environment_.push_back(variable + "=" + value);
  environment_.emplace_back("LC_MESSAGES=C");
}

engine::result<int> client_program::version() const {
  std::string told; // "pg_dump (PostgreSQL) 15.18 (Debian …)"
  if (auto done = run({"--version"},
                      [&told](std::string_view part) {
                        told += part;
                      });
      !done)
    return done.failure();
  constexpr std::string_view before{"(PostgreSQL) "};
  const auto at = told.find(before);
  return at == told.npos ? 0 : std::atoi(told.c_str() + at + before.size());
}

engine::status client_program::run(std::vector<std::string> words,
                                   const output_sink& output) const {
  words.insert(words.begin(), name_);
  for (auto& each : words)
    if (each == "--dbname")
      each += "=" + connection_;
  const auto list = as_words(words);
  const auto environment = as_words(environment_);
  pipe_ends out;
  pipe_ends errors;
  const auto parent = getpid();
  const auto child = out.reading() < 0 || errors.reading() < 0 ? -1 : fork();
  if (child == 0)
    become(list.data(), environment.data(), out.writing(), errors.writing(),
           parent);
  out.end_writing();
  errors.end_writing();
  if (child < 0)
    return engine::invalid("backup_tool_failed", "cannot start " + name_);
  const auto said = read_both(out, errors, output);
  int ended = 0;
  while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
    return engine::success();
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == not_found)
    return engine::invalid("backup_tool_missing",
                           name_
                             + " is not there: install PostgreSQL's client "
                               "programs (postgresql-client)");
  // Further lines may have values of rows.
  return engine::invalid("backup_tool_failed",
                         name_ + " failed: " + said.substr(0, said.find('\n')));
}

} // namespace troupe::persistence::postgres
