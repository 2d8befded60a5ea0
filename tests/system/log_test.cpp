// What the server says on stderr: one line a request at level debug, the
// pattern of its route and never what was asked (L1, L2), and new settings on
// SIGHUP.
#include "tests/support/tested_binary.hpp"
#include "tests/support/tls_identity.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

using namespace troupe::test;
using Catch::Contains;

namespace json = boost::json;

namespace {

std::vector<json::object> lines_of(const troupe_server& server) {
  std::vector<json::object> all;
  std::istringstream text{server.errors()};
  for (std::string line; std::getline(text, line);)
    if (!line.empty()) {
      INFO(line);
      json::error_code failed;
      auto value = json::parse(line, failed);
      REQUIRE_FALSE(failed);
      all.push_back(value.as_object());
    }
  return all;
}

/// Lines that are whole: the last one may just be written.
std::optional<json::object> line_with(const troupe_server& server,
                                      const std::string& member,
                                      const std::string& value) {
  std::istringstream text{server.errors()};
  for (std::string line; std::getline(text, line);) {
    json::error_code failed;
    const auto read = json::parse(line, failed);
    if (failed || !read.is_object())
      continue;
    const auto* found = read.get_object().if_contains(member);
    if (found != nullptr && found->is_string()
        && found->get_string() == value.c_str())
      return read.get_object();
  }
  return std::nullopt;
}

json::object wait_for_line(const troupe_server& server,
                           const std::string& member,
                           const std::string& value) {
  std::optional<json::object> found;
  const auto there = eventually([&] {
    found = line_with(server, member, value);
    return found.has_value();
  });
  INFO(server.errors());
  REQUIRE(there);
  return *found;
}

} // namespace

TEST_CASE("a request is one line at level debug", "[system][log]") {
  troupe_server server{{"--log-level", "debug"}};
  auto api = server.client();
  const auto trace = std::string{"4bf92f3577b34da6a3ce929d0e0e4736"};
  const auto asked
    = api.send("GET", "/v1/contacts/email:ada%40example.com/runs?limit=1", "",
               {{"X-Request-Id", "mine-1"},
                {"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}});
  CHECK(asked.status == 404);
  const auto line = wait_for_line(server, "request_id", "mine-1");
  CHECK(line.at("level").as_string() == "debug");
  CHECK(line.at("msg").as_string() == "request");
  CHECK(line.at("method").as_string() == "GET");
  CHECK(line.at("route").as_string() == "/v1/contacts/{ref}/runs");
  CHECK(line.at("status").as_string() == "404");
  CHECK(line.at("trace_id").as_string() == trace.c_str());
  CHECK(std::string{line.at("tenant").as_string()}.starts_with("ws_"));
  CHECK(line.contains("duration_us"));
  const std::string at{line.at("ts").as_string()};
  CHECK(at.ends_with("Z"));
  CHECK(at[10] == 'T');
  CHECK(server.stop() == 0);
  CHECK_THAT(server.errors(), !Contains("example.com"));
  for (const auto& each : lines_of(server)) {
    CHECK(each.contains("ts"));
    CHECK(each.contains("level"));
    CHECK(each.contains("msg"));
  }
}

TEST_CASE("requests are not logged by default", "[system][log]") {
  troupe_server server;
  auto api = server.client();
  CHECK(api.send("GET", "/healthz", "", {{"X-Request-Id", "quiet-1"}}).status
        == 200);
  CHECK(server.stop() == 0);
  CHECK_THAT(server.errors(), !Contains("quiet-1"));
}

TEST_CASE("the text format has no colours in a file", "[system][log]") {
  troupe_server server{{"--log-format", "text"}};
  CHECK(server.stop() == 0);
  CHECK_THAT(server.errors(), Contains(" info started version="));
  CHECK_THAT(server.errors(), !Contains("\x1b"));
}

TEST_CASE("SIGHUP changes what can change and says what needs a restart",
          "[system][log]") {
  const temporary_directory directory;
  const auto file = directory.path() + "/troupe.toml";
  const auto write = [&](const std::string& content) {
    std::ofstream{file} << content;
  };
  write("[log]\nlevel = \"info\"\n");
  troupe_server server{{"--config", file}};
  auto api = server.client();
  const auto is_logged = [&](const std::string& id) {
    api.send("GET", "/healthz", "", {{"X-Request-Id", id}});
    return eventually([&] {
      return line_with(server, "request_id", id).has_value();
    });
  };

  write("[log]\nlevel = \"debug\"\n[server]\nrequest_deadline = 20\n");
  server.running().signal(SIGHUP);
  wait_for_line(server, "key", "log.level");
  const auto restart = wait_for_line(server, "key", "server.request_deadline");
  CHECK_THAT(std::string{restart.at("msg").as_string()},
             Contains("needs a restart"));
  CHECK(is_logged("loud-1"));

  write("[log]\nlevel = \"silent\"\n");
  server.running().signal(SIGHUP);
  wait_for_line(server, "msg", "the settings stay as they were");
  CHECK_THAT(server.errors(), Contains("is not one of debug, info"));
  CHECK(is_logged("loud-2"));
  CHECK(server.stop() == 0);
}

TEST_CASE("a log that nobody reads holds up no request", "[system][log]") {
  const temporary_directory directory;
  const auto pipe = directory.path() + "/stderr";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  // Both ends, so that the server's opening does not wait.
  const auto held = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(held >= 0);
  process running{{tested_binary(), "serve", "--data-dir",
                   directory.path() + "/data", "--listen", "127.0.0.1:0",
                   "--log-level", "debug"},
                  pipe};
  const auto line = running.read_line(std::chrono::seconds{30});
  REQUIRE(line);
  const std::string url{json::parse(*line).at("url").as_string()};
  api_client api{
    static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)))};
  // Far more than a pipe holds.
  const std::string id(60, 'x');
  for (int i = 0; i < 3'000; ++i)
    REQUIRE(api.send("GET", "/healthz", "", {{"X-Request-Id", id}}).status
            == 200);
  running.signal(SIGTERM);
  CHECK(running.wait(std::chrono::seconds{30}) == 0);
  close(held);
}
