#include "cli/import_progress.hpp"

#include "cli/output.hpp"
#include "engine/json_text.hpp"

#include <boost/json/object.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds frame{100};
constexpr std::chrono::seconds beat{1};
constexpr std::size_t bar_width = 30;

std::string clock_text(double seconds) {
  const auto all = static_cast<unsigned long>(seconds);
  char out[32];
  std::snprintf(out, sizeof out, "%lu:%02lu:%02lu", all / 3600, all / 60 % 60,
                all % 60);
  return out;
}

} // namespace

import_progress::import_progress(std::optional<std::uint64_t> total,
                                 std::uint64_t lines_before)
  : is_terminal_{isatty(STDERR_FILENO) == 1},
    total_{total},
    lines_before_{lines_before} {}

double import_progress::seconds() const {
  return std::chrono::duration<double>(clock::now() - began_).count();
}

void import_progress::show(const import_counts& counts,
                           std::uint64_t consumed) {
  if (!begun_at_)
    begun_at_ = consumed;
  const auto now = clock::now();
  if (is_terminal_ ? now - shown_ < frame : now - shown_ < beat)
    return;
  shown_ = now;
  draw(counts, consumed);
}

void import_progress::draw(const import_counts& counts,
                           std::uint64_t consumed) {
  const auto passed = std::max(seconds(), 0.001);
  const auto rate = static_cast<double>(counts.lines - lines_before_) / passed;
  const auto done = consumed - std::min(consumed, begun_at_.value_or(0));
  std::optional<double> left;
  if (total_ && done > 0 && *total_ >= consumed)
    left = passed * static_cast<double>(*total_ - consumed)
           / static_cast<double>(done);
  if (!is_terminal_) {
    json::object out{{"lines", counts.lines},
                     {"accepted", counts.accepted},
                     {"duplicates", counts.duplicates},
                     {"rejected", counts.rejected},
                     {"bytes", consumed},
                     {"lines_per_second", static_cast<std::uint64_t>(rate)}};
    if (total_)
      out["bytes_total"] = *total_;
    if (left)
      out["eta_seconds"] = static_cast<std::uint64_t>(*left);
    std::fprintf(stderr, "%s\n", engine::to_json(out).c_str());
    return;
  }
  is_in_line_ = true;
  std::string bar;
  if (total_ && *total_ != 0) {
    const auto part = std::min(1.0, static_cast<double>(consumed)
                                      / static_cast<double>(*total_));
    const auto full = static_cast<std::size_t>(part * bar_width);
    bar = "[" + std::string(full, '#') + std::string(bar_width - full, '.')
          + "] " + std::to_string(static_cast<int>(part * 100)) + "%  ";
  }
  std::fprintf(stderr, "\r%s%llu lines  %llu/s  %llu rejected%s\033[K",
               bar.c_str(), static_cast<unsigned long long>(counts.lines),
               static_cast<unsigned long long>(rate),
               static_cast<unsigned long long>(counts.rejected),
               left ? ("  " + clock_text(*left) + " left").c_str() : "");
  std::fflush(stderr);
}

void import_progress::wait(std::string_view why, std::chrono::seconds pause) {
  is_in_line_ = is_terminal_;
  if (is_terminal_)
    std::fprintf(stderr, "\r%s; trying again in %lld s\033[K",
                 plain(why).c_str(), static_cast<long long>(pause.count()));
  else
    std::fprintf(
      stderr, "%s\n",
      engine::to_json(json::object{{"waiting", json::value(why)},
                                   {"again_in_seconds", pause.count()}})
        .c_str());
  std::fflush(stderr);
}

void import_progress::finish(const import_counts& counts,
                             std::uint64_t consumed) {
  if (!begun_at_)
    begun_at_ = 0;
  draw(counts, consumed);
  leave();
}

void import_progress::leave() {
  if (is_in_line_)
    std::fputc('\n', stderr);
  is_in_line_ = false;
}

} // namespace troupe::cli
