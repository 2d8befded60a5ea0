#include "cli/log.hpp"

#include "actors/trusted_clock.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace troupe::cli {

namespace {

constexpr std::size_t waiting_bytes_max = 1'048'576;
constexpr std::chrono::seconds flush_patience{1};

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(STDERR_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return; // nowhere left to say it
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

struct log_state {
  std::atomic<log_level> level{log_level::info};
  std::atomic<bool> is_text{isatty(STDERR_FILENO) != 0};

  std::mutex mutex;
  std::condition_variable changed;
  bool has_writer = false; // guarded by mutex, as all below
  bool is_writing = false;
  std::string waiting;
  std::uint64_t left_out = 0;
};

// Never destroyed: the writer may be held up by stderr when the process ends.
log_state& state() {
  static auto& only = *new log_state;
  return only;
}

std::string line_of(log_level level, std::string_view message,
                    const log_fields& about) {
  const auto at = engine::to_iso8601(actors::wall_time());
  const log_entry entry{at, level, message, about};
  if (!state().is_text.load(std::memory_order_relaxed))
    return as_json_line(entry);
  return as_text_line(entry,
                      is_terminal() && std::getenv("NO_COLOR") == nullptr);
}

std::string line_of_left_out(std::uint64_t count) {
  return line_of(log_level::warn,
                 "log lines were left out: stderr was not read fast enough",
                 {{"lines", std::to_string(count)}});
}

void write_for_ever() {
  auto& all = state();
  std::unique_lock held{all.mutex};
  while (true) {
    all.is_writing = false;
    all.changed.notify_all();
    all.changed.wait(held, [&all] {
      return !all.waiting.empty() || all.left_out > 0;
    });
    all.is_writing = true;
    const auto lines = std::exchange(all.waiting, {});
    const auto left_out = std::exchange(all.left_out, 0);
    held.unlock();
    write_all(lines);
    if (left_out > 0)
      write_all(line_of_left_out(left_out));
    held.lock();
  }
}

} // namespace

void set_log(const settings& from) {
  auto& all = state();
  for (const auto each :
       {log_level::debug, log_level::info, log_level::warn, log_level::error})
    if (from.log_level == name_of(each))
      all.level.store(each, std::memory_order_relaxed);
  all.is_text.store(from.log_format == "text"
                      || (from.log_format == "auto" && is_terminal()),
                    std::memory_order_relaxed);
}

bool is_logged(log_level which) {
  return which >= state().level.load(std::memory_order_relaxed);
}

void log_line(log_level level, std::string_view message,
              const log_fields& about) {
  if (!is_logged(level))
    return;
  const auto line = line_of(level, message, about);
  auto& all = state();
  const std::lock_guard held{all.mutex};
  if (!all.has_writer)
    write_all(line);
  else if (all.waiting.size() + line.size() > waiting_bytes_max)
    ++all.left_out;
  else
    all.waiting += line;
  all.changed.notify_all();
}

bool is_terminal() {
  return isatty(STDERR_FILENO) != 0;
}

void start_log_writer() {
  auto& all = state();
  const std::lock_guard held{all.mutex};
  all.has_writer = true;
  std::thread{write_for_ever}.detach();
}

void flush_log() {
  auto& all = state();
  std::unique_lock held{all.mutex};
  all.changed.wait_for(held, flush_patience, [&all] {
    return !all.has_writer
           || (all.waiting.empty() && all.left_out == 0 && !all.is_writing);
  });
}

} // namespace troupe::cli
