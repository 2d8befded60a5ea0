// Where the key goes that the first start makes.
#include "tests/support/process.hpp"
#include "tests/support/tested_binary.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

using namespace troupe::test;

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds patience{30};

std::string content_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream{file}.rdbuf();
  return out.str();
}

class first_start {
protected:
  [[nodiscard]] std::vector<std::string> words() const {
    return {tested_binary(), "serve",      "--data-dir", data,
            "--listen",      "127.0.0.1:0"};
  }

  temporary_directory directory;
  std::string data = directory.path() + "/data";
};

/// The other end of what a process takes for a terminal.
class terminal {
public:
  terminal() : file_{posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)} {
    grantpt(file_);
    unlockpt(file_);
  }

  ~terminal() {
    close(file_);
  }

  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  [[nodiscard]] std::string name() const {
    std::array<char, 128> text{};
    ptsname_r(file_, text.data(), text.size());
    return text.data();
  }

  /// What was shown until that came; all of it when it does not come in time.
  std::string read_until(const std::string& wanted) const {
    std::string shown;
    std::array<char, 4096> part{};
    pollfd waiting{file_, POLLIN, 0};
    while (shown.find(wanted) == shown.npos
           && poll(&waiting, 1, static_cast<int>(patience.count()) * 1000)
                > 0) {
      const auto got = read(file_, part.data(), part.size());
      if (got <= 0)
        break;
      shown.append(part.data(), static_cast<std::size_t>(got));
    }
    return shown;
  }

private:
  int file_;
};

} // namespace

TEST_CASE_METHOD(
  first_start,
  "L2 the first key is in a file, not in a log that is kept, and "
  "every line of the log is JSON",
  "[system][cli_first_key]") {
  process server{words(), directory.path() + "/stderr"};
  REQUIRE(server.read_line(patience));
  const auto file = data + "/first-key";
  const auto key = content_of(file);
  REQUIRE(key.starts_with("tr_live_"));
  struct stat about {};
  REQUIRE(stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  server.signal(SIGTERM);
  REQUIRE(server.wait(patience) == 0);
  auto told = false;
  std::istringstream lines{content_of(directory.path() + "/stderr")};
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.find("tr_live_") == line.npos);
    json::error_code failure;
    const auto entry = json::parse(line, failure);
    REQUIRE_FALSE(failure);
    const auto* named = entry.get_object().if_contains("file");
    told = told || (named != nullptr && *named == file.c_str());
  }
  CHECK(told);
}

TEST_CASE_METHOD(first_start, "at a terminal the first key is shown, once",
                 "[system][cli_first_key]") {
  const terminal screen;
  process server{words(), screen.name()};
  REQUIRE(server.read_line(patience));
  const auto shown = screen.read_until("first key (shown once): tr_live_");
  CHECK(shown.find("first key (shown once): tr_live_") != shown.npos);
  CHECK(access((data + "/first-key").c_str(), F_OK) != 0);
}
