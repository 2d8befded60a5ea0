// What the service manager is told, by a socket like its own.
#include "tests/support/command.hpp"
#include "tests/support/tested_binary.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>

using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// Where the manager listens.
class notify_socket {
public:
  explicit notify_socket(const std::string& name)
    : socket_{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name.front() == '@')
      address.sun_path[0] = '\0';
    const auto length
      = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), length)
            == 0);
  }

  ~notify_socket() {
    close(socket_);
  }

  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;

  /// The next datagram, or "" when none comes.
  std::string next() {
    pollfd waiting{socket_, POLLIN, 0};
    if (poll(&waiting, 1, 20'000) <= 0)
      return {};
    std::array<char, 256> bytes{};
    const auto got = recv(socket_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got))};
  }

  /// The next one that is no sign of life.
  std::string next_state() {
    auto state = next();
    while (state == "WATCHDOG=1")
      state = next();
    return state;
  }

private:
  int socket_;
};

/// The server as a manager starts it.
struct managed_server {
  managed_server(const std::string& name,
                 const std::vector<std::string>& environment)
    : socket{name} {
    std::vector<std::string> words{"/usr/bin/env", "NOTIFY_SOCKET=" + name};
    words.insert(words.end(), environment.begin(), environment.end());
    for (const auto* each : {tested_binary().c_str(), "serve", "--listen",
                             "127.0.0.1:0", "--data-dir"})
      words.emplace_back(each);
    words.push_back(directory.path() + "/data");
    running.emplace(words, directory.path() + "/stderr");
  }

  temporary_directory directory;
  notify_socket socket;
  std::optional<process> running;
};

std::string socket_in(const temporary_directory& directory) {
  return directory.path() + "/notify";
}

} // namespace

TEST_CASE("the service manager hears of the start, a reload and the stop",
          "[system][service]") {
  const temporary_directory directory;
  managed_server server{socket_in(directory), {}};
  CHECK(server.socket.next() == "READY=1");
  server.running->signal(SIGHUP);
  const auto reloading = server.socket.next();
  CHECK(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(server.socket.next() == "READY=1");
  server.running->signal(SIGTERM);
  CHECK(server.socket.next() == "STOPPING=1");
  CHECK(server.running->wait(30s) == 0);
}

TEST_CASE("a socket that is in no file system works as well",
          "[system][service]") {
  managed_server server{"@troupe-test-" + std::to_string(getpid()), {}};
  CHECK(server.socket.next() == "READY=1");
}

TEST_CASE("the watchdog hears that the server is alive", "[system][service]") {
  const temporary_directory directory;
  managed_server server{socket_in(directory), {"WATCHDOG_USEC=100000"}};
  CHECK(server.socket.next() == "READY=1");
  for (int i = 0; i < 5; ++i)
    CHECK(server.socket.next() == "WATCHDOG=1");
  server.running->signal(SIGTERM);
  CHECK(server.socket.next_state() == "STOPPING=1");
  CHECK(server.running->wait(30s) == 0);
}

TEST_CASE("a watchdog that is meant for another process hears nothing",
          "[system][service]") {
  const temporary_directory directory;
  managed_server server{socket_in(directory),
                        {"WATCHDOG_USEC=20000", "WATCHDOG_PID=1"}};
  CHECK(server.socket.next() == "READY=1");
  server.running->signal(SIGHUP);
  CHECK(server.socket.next().starts_with("RELOADING=1"));
  CHECK(server.socket.next() == "READY=1");
}

TEST_CASE("L2 the memory of the server is hidden", "[system][service]") {
  // Nobody but root may look into a process that is hidden so: then its files
  // in /proc are not its user's. For root to see a difference, it is run as
  // another user.
  constexpr uid_t nobody = 65'534;
  const temporary_directory directory;
  const auto binary = directory.path() + "/troupe";
  std::filesystem::copy_file(tested_binary(), binary);
  std::vector<std::string> words;
  if (geteuid() == 0) {
    REQUIRE(chown(directory.path().c_str(), nobody, nobody) == 0);
    words = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534",
             "--clear-groups"};
  }
  for (const auto& each :
       {binary, std::string{"serve"}, std::string{"--listen"},
        std::string{"127.0.0.1:0"}, std::string{"--data-dir"},
        directory.path() + "/data"})
    words.push_back(each);
  process running{words, directory.path() + "/stderr"};
  REQUIRE(running.read_line(30s));
  struct stat about {};
  const auto memory = "/proc/" + std::to_string(running.id()) + "/mem";
  REQUIRE(stat(memory.c_str(), &about) == 0);
  CHECK(about.st_uid == 0);
  running.signal(SIGTERM);
  CHECK(running.wait(30s) == 0);
}

TEST_CASE("a second SIGTERM ends the server at once", "[system][service]") {
  troupe_server server{{"--shutdown-timeout", "600"}};
  // A request whose body never comes keeps the first one waiting.
  troupe::support::raw_client slow{server.port()};
  REQUIRE(slow.send("POST /v1/events HTTP/1.1\r\nHost: troupe\r\n"
                    "Authorization: Bearer "
                    + server.key()
                    + "\r\nContent-Type: application/json\r\n"
                      "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n"));
  REQUIRE(slow.receive(false).status == 100);
  server.running().signal(SIGTERM);
  REQUIRE(eventually([&] {
    return server.errors().find("stopping") != std::string::npos;
  }));
  server.running().signal(SIGTERM);
  CHECK(server.running().wait(10s) == 128 + SIGTERM);
}

TEST_CASE("healthcheck says whether the server is ready", "[system][service]") {
  troupe_server server;
  const auto at = "127.0.0.1:" + std::to_string(server.port());
  CHECK(run_troupe({"healthcheck", "--url", "http://" + at}).code == 0);
  CHECK(run_troupe({"healthcheck"}, {"TROUPE_SERVER_LISTEN=" + at}).code == 0);
  const auto everywhere = "0.0.0.0:" + std::to_string(server.port());
  CHECK(run_troupe({"healthcheck", "--listen", everywhere}).code == 0);
  CHECK(server.stop() == 0);
  const auto gone = run_troupe({"healthcheck", "--listen", at});
  CHECK(gone.code == 1);
  CHECK(gone.errors.find("is not ready") != std::string::npos);
  CHECK(run_troupe({"healthcheck", "--listen", "127.0.0.1:0"}).code == 1);
}
