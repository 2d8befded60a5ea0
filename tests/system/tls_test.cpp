// HTTPS by the real binary: where it listens, what it says about bad files, and
// new certificates on SIGHUP (H11).
#include "tests/support/process.hpp"
#include "tests/support/tested_binary.hpp"
#include "tests/support/tls_client.hpp"
#include "tests/support/tls_identity.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

const std::string asked = "GET /healthz HTTP/1.1\r\nHost: troupe\r\n\r\n";

std::uint16_t port_in(const std::string& ready_line, const char* member) {
  const auto line = boost::json::parse(ready_line);
  const std::string url{line.at(member).as_string()};
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

std::vector<std::string> arguments(const tls_identity& identity) {
  return {"--tls-listen",    "127.0.0.1:0", "--tls-certificate",
          *identity.ca_file, "--tls-key",   *identity.key_file};
}

/// `troupe serve` that is given nothing but a directory and these.
struct bare_server {
  explicit bare_server(const std::vector<std::string>& more) {
    std::vector<std::string> command{tested_binary(), "serve", "--data-dir",
                                     directory.path() + "/data"};
    command.insert(command.end(), more.begin(), more.end());
    running.emplace(command, directory.path() + "/stderr");
  }

  [[nodiscard]] std::string errors() const {
    std::ostringstream out;
    out << std::ifstream{directory.path() + "/stderr"}.rdbuf();
    return out.str();
  }

  temporary_directory directory;
  std::optional<process> running;
};

void copy(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to,
                             std::filesystem::copy_options::overwrite_existing);
}

} // namespace

TEST_CASE("H11 HTTPS is served beside plain HTTP", "[system][tls]") {
  const auto identity = make_tls_identity();
  troupe_server server{arguments(identity)};
  tls_client client{port_in(server.ready_line(), "tls_url")};
  REQUIRE(client.is_open());
  CHECK(client.ask(asked).status == 200);
  const auto event = event_body("tls.sent", by_external_id("usr_tls"));
  const auto sent = client.ask(
    "POST /v1/events HTTP/1.1\r\nHost: troupe\r\nAuthorization: Bearer "
    + server.key() + "\r\nContent-Type: application/json\r\nContent-Length: "
    + std::to_string(event.size()) + "\r\n\r\n" + event);
  CHECK(sent.status == 200);
  auto plain = server.client();
  CHECK(contact_of(plain, "usr_tls").status == 200);
  CHECK(server.stop() == 0);
  CHECK(client.is_closed());
}

TEST_CASE("H11 with --tls-listen alone there is no plain listener",
          "[system][tls]") {
  const auto identity = make_tls_identity();
  bare_server server{arguments(identity)};
  const auto line = server.running->read_line(30s);
  REQUIRE(line);
  const auto port = port_in(*line, "url");
  CHECK(port == port_in(*line, "tls_url"));
  CHECK(line->find("\"url\":\"https://") != std::string::npos);
  CHECK(tls_client{port}.ask(asked).status == 200);
  CHECK(troupe::support::raw_client{port}.ask(asked).status == 0);
}

TEST_CASE("H11 SIGHUP reads the certificate again and drops nobody",
          "[system][tls]") {
  const auto first = make_tls_identity({"one.test", false, false});
  const auto second = make_tls_identity({"two.test", false, false});
  troupe_server server{arguments(first)};
  const auto port = port_in(server.ready_line(), "tls_url");
  tls_client before{port};
  CHECK(before.is_named("one.test"));

  copy(*second.ca_file, *first.ca_file);
  copy(*second.key_file, *first.key_file);
  server.running().signal(SIGHUP);
  CHECK(eventually([&] {
    return tls_client{port}.is_named("two.test");
  }));
  CHECK(before.ask(asked).status == 200);

  std::ofstream{*first.key_file} << "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n";
  server.running().signal(SIGHUP);
  CHECK(eventually([&] {
    return server.errors().find("\"error\"") != std::string::npos;
  }));
  CHECK(server.errors().find(*first.key_file) != std::string::npos);
  CHECK(server.errors().find("c2VjcmV0") == std::string::npos);
  tls_client after{port};
  CHECK(after.is_named("two.test"));
  CHECK(after.ask(asked).status == 200);
  CHECK(before.ask(asked).status == 200);
}

TEST_CASE("H11 SIGHUP without TLS changes nothing", "[system][tls]") {
  troupe_server server;
  server.running().signal(SIGHUP);
  CHECK(server.client().get("/healthz").status == 200);
  CHECK(server.stop() == 0);
}

TEST_CASE("H11 files that cannot be used are an error at the start",
          "[system][tls]") {
  const auto one = make_tls_identity();
  const auto two = make_tls_identity();
  const auto ends = [](const std::string& certificate, const std::string& key,
                       const std::string& named) {
    bare_server server{{"--tls-listen", "127.0.0.1:0", "--tls-certificate",
                        certificate, "--tls-key", key}};
    CHECK(server.running->wait(30s) == 1);
    INFO(server.errors());
    CHECK(server.errors().find(named) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(server.directory.path() + "/data"));
  };
  ends("/nowhere/certificate", *one.key_file, "/nowhere/certificate");
  ends(*one.ca_file, "/nowhere/key", "/nowhere/key");
  ends(*one.ca_file, *one.ca_file, "cannot be used");
  ends(*one.ca_file, *two.key_file, "does not belong to the certificate");
}

TEST_CASE("H11 a listener without its files is an error of usage",
          "[system][tls]") {
  const auto identity = make_tls_identity();
  for (const std::vector<std::string>& some :
       {std::vector<std::string>{"--tls-listen", "127.0.0.1:0"},
        {"--tls-certificate", *identity.ca_file},
        {"--listen", "127.0.0.1:0", "--tls-key", *identity.key_file}}) {
    bare_server server{some};
    const auto code = server.running->wait(30s);
    REQUIRE(code);
    CHECK(*code != 0);
    CHECK(server.errors().find("server.tls_listen") != std::string::npos);
  }
}

TEST_CASE("H11 a key that everyone may read is served and warned about",
          "[system][tls]") {
  const auto identity = make_tls_identity();
  REQUIRE(chmod(identity.key_file->c_str(), 0644) == 0);
  troupe_server server{arguments(identity)};
  CHECK(server.errors().find("every user of this machine")
        != std::string::npos);
}

TEST_CASE("H12 only addresses and networks are taken for proxies",
          "[system][tls]") {
  bare_server server{
    {"--listen", "127.0.0.1:0", "--trusted-proxy", "proxy.test"}};
  CHECK(server.running->wait(30s) == 1);
  CHECK(server.errors().find("proxy.test") != std::string::npos);
}
