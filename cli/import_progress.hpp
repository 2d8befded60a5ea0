// What an import says on stderr while it goes on: a bar to a person, a line of
// JSON every second to a program.
#pragma once

#include "cli/import_state.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::cli {

class import_progress {
public:
  using clock = std::chrono::steady_clock;

  /// @param total bytes of the file, if they are known
  import_progress(std::optional<std::uint64_t> total,
                  std::uint64_t lines_before);

  void show(const import_counts& counts, std::uint64_t consumed);

  /// Why nothing moves now.
  void wait(std::string_view why, std::chrono::seconds pause);

  /// Ends the line of the bar.
  void finish(const import_counts& counts, std::uint64_t consumed);

  /// Ends the line, whatever is on it.
  void leave();

  [[nodiscard]] double seconds() const;

private:
  void draw(const import_counts& counts, std::uint64_t consumed);

  bool is_terminal_;
  bool is_in_line_ = false; // which a terminal shows
  std::optional<std::uint64_t> total_;
  std::uint64_t lines_before_;            // of an earlier run
  std::optional<std::uint64_t> begun_at_; // bytes
  clock::time_point began_ = clock::now();
  clock::time_point shown_ = began_;
};

} // namespace troupe::cli
