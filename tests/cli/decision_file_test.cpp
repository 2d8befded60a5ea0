// U6: the file that outlives a process. Log and version are not the server's.
#include "cli/decision_file.hpp"
#include "cli/log.hpp"
#include "cli/version.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <fstream>

namespace troupe::cli {

void log_line(log_level /*level*/, std::string_view /*message*/,
              const log_fields& /*about*/) {}

std::string version_line() {
  return "troupe 1.0.0";
}

} // namespace troupe::cli

using troupe::actors::decision_record;
using troupe::cli::open_decision_file;

namespace {

struct stat about(const std::string& path) {
  struct stat out {};
  REQUIRE(stat(path.c_str(), &out) == 0);
  return out;
}

} // namespace

TEST_CASE("U6 a file with holes gets all its blocks at the start",
          "[cli][poison]") {
  const troupe::test::temporary_directory directory;
  const auto path = directory.path() + "/under-way";
  std::ofstream{path}.close();
  std::filesystem::resize_file(path, sizeof(decision_record));
  REQUIRE(about(path).st_blocks == 0);
  REQUIRE(open_decision_file(directory.path()));
  const auto now = about(path);
  CHECK(now.st_size == sizeof(decision_record));
  CHECK(now.st_blocks * 512 >= now.st_size);
}

TEST_CASE("U6 what is in the file stays there, unless it is another form",
          "[cli][poison]") {
  const troupe::test::temporary_directory directory;
  const auto path = directory.path() + "/under-way";
  constexpr std::uint64_t name = 71;
  for (int i = 0; i < 3; ++i) {
    const auto guard = open_decision_file(directory.path());
    REQUIRE(guard);
    CHECK_FALSE(guard->is_poison(name));
    // It ends while the first thread's decision is under way.
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(offsetof(decision_record, slots));
    file.write(reinterpret_cast<const char*>(&name), sizeof name);
  }
  CHECK(open_decision_file(directory.path())->is_poison(name));
  std::filesystem::resize_file(path, sizeof(decision_record) - 1);
  CHECK_FALSE(open_decision_file(directory.path())->is_poison(name));
}
