#include "cli/out_of_memory.hpp"

#include <unistd.h>

#include <cstdlib>
#include <new>
#include <string_view>

namespace troupe::cli {

namespace {

// Needs no memory itself, as the log would.
[[noreturn]] void end() {
  constexpr std::string_view line = "troupe: out of memory; stopping\n";
  [[maybe_unused]] const auto told
    = write(STDERR_FILENO, line.data(), line.size());
  std::_Exit(EXIT_FAILURE);
}

} // namespace

void end_when_out_of_memory() {
  std::set_new_handler(end);
}

} // namespace troupe::cli
