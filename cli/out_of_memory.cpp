#include "cli/out_of_memory.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
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

// What a library could not have is thrown, and nobody catches it.
[[noreturn]] void end_uncaught() {
  try {
    if (const auto why = std::current_exception())
      std::rethrow_exception(why);
  } catch (const std::bad_alloc&) {
    end();
  } catch (...) {
    std::abort();
  }
  std::abort();
}

} // namespace

void end_when_out_of_memory() {
  std::set_new_handler(end);
  std::set_terminate(end_uncaught);
}

} // namespace troupe::cli
