// The TLS listener of the front, with certificates made on the spot.
#include "tests/http/fixture.hpp"
#include "tests/support/tls_client.hpp"
#include "tests/support/tls_identity.hpp"

#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

using namespace troupe::http;
using namespace troupe::http::test;
using namespace std::chrono_literals;
using troupe::test::make_tls_identity;
using troupe::test::tls_client;
using troupe::test::tls_client_options;
using troupe::test::tls_identity;

namespace {

void copy(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to,
                             std::filesystem::copy_options::overwrite_existing);
}

/// Certificate and key in files that a test may replace.
class identity_files {
public:
  explicit identity_files(const std::string& name) {
    replace(name);
  }

  void replace(const std::string& name) {
    mine_ = make_tls_identity({name, false, false});
    if (files_.certificate.empty()) {
      files_ = {*mine_.ca_file, *mine_.key_file};
      first_ = mine_;
      return;
    }
    copy(*mine_.ca_file, files_.certificate);
    copy(*mine_.key_file, files_.key);
  }

  [[nodiscard]] const tls_files& files() const {
    return files_;
  }

private:
  tls_identity mine_;
  tls_identity first_; // keeps the files
  tls_files files_;
};

server_options secure(const tls_files& files) {
  auto options = quick();
  options.tls = {{}, files};
  return options;
}

tls_client_options only(int version) {
  tls_client_options options;
  options.version_min = options.version_max = version;
  return options;
}

} // namespace

TEST_CASE("H11: TLS 1.2 and 1.3 are spoken beside plain HTTP", "[http][tls]") {
  const identity_files identity{"one.test"};
  echo_server server{secure(identity.files())};
  const auto port = server->tls_address()->port;
  CHECK(server->tls_address()->url()
        == "https://127.0.0.1:" + std::to_string(port));
  for (const auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_client client{port, only(version)};
    REQUIRE(client.is_open());
    CHECK(client.is_named("one.test"));
    CHECK(client.ask(post("/echo", "hello")).body == "POST /echo? hello");
    CHECK(client.ask(get("/again")).body == "GET /again? ");
    CHECK_FALSE(client.has_session());
  }
  CHECK(server.connect().ask(get("/plain")).status == 200);
  CHECK(server.counters().tls_handshakes == 2);
  CHECK(server.counters().answers_of(200) == 5);
}

TEST_CASE("H11: without a plain address only TLS is served", "[http][tls]") {
  const identity_files identity{"one.test"};
  auto options = secure(identity.files());
  options.plain.reset();
  echo_server server{options};
  CHECK(server->address().is_secure);
  CHECK(tls_client{server->address().port}.ask(get("/")).status == 200);
  // Plain HTTP is no handshake.
  CHECK(server.connect().ask(get("/")).status == 0);
  CHECK(eventually([&] {
    return server.counters().tls_failures == 1;
  }));
}

TEST_CASE("H11: old versions, weak ciphers, foreign protocols and "
          "renegotiation are refused",
          "[http][tls]") {
  const identity_files identity{"one.test"};
  echo_server server{secure(identity.files())};
  const auto port = server->tls_address()->port;
  for (const auto version : {TLS1_VERSION, TLS1_1_VERSION})
    CHECK_FALSE(tls_client{port, only(version)}.is_open());
  for (const auto* weak : {"AES128-SHA", "AES256-GCM-SHA384",
                           "ECDHE-ECDSA-AES128-SHA256", "AECDH-AES256-SHA"}) {
    auto options = only(TLS1_2_VERSION);
    options.ciphers = weak;
    CHECK_FALSE(tls_client{port, options}.is_open());
  }
  tls_client_options http2;
  http2.protocols = "\x02h2";
  CHECK_FALSE(tls_client{port, http2}.is_open());
  http2.protocols = "\x02h2\x08http/1.1";
  CHECK(tls_client{port, http2}.protocol() == "http/1.1");
  tls_client client{port, only(TLS1_2_VERSION)};
  CHECK_FALSE(client.renegotiate());
  CHECK(server.counters().tls_failures == 7);
}

TEST_CASE("H11: a certificate that was read again serves new connections and "
          "drops none",
          "[http][tls]") {
  identity_files identity{"one.test"};
  echo_server server{secure(identity.files())};
  const auto port = server->tls_address()->port;
  tls_client before{port};
  CHECK(before.ask(get("/")).status == 200);
  identity.replace("two.test");
  CHECK(server->reload_certificate().has_value());
  tls_client after{port};
  CHECK(after.is_named("two.test"));
  CHECK(after.ask(get("/")).status == 200);
  CHECK(before.ask(get("/")).status == 200);

  std::ofstream{identity.files().key} << "no key";
  const auto failed = server->reload_certificate();
  REQUIRE_FALSE(failed);
  CHECK(failed.failure().name == "tls_key_invalid");
  CHECK(failed.failure().message.find("no key") == std::string::npos);
  CHECK(tls_client{port}.is_named("two.test"));
  CHECK(server.counters().tls_reload_failures == 1);
}

TEST_CASE("H11: files that cannot be used are named at the start",
          "[http][tls]") {
  const identity_files one{"one.test"};
  const identity_files two{"two.test"};
  const auto ignore = [](request, responder) {};
  const auto name = [&](tls_files files) {
    const auto started = server::start(secure(files), ignore);
    return started ? "" : started.failure().name;
  };
  const auto good = one.files();
  CHECK(name(good).empty());
  CHECK(name({"/nowhere", good.key}) == "tls_certificate_invalid");
  CHECK(name({good.key, good.key}) == "tls_certificate_invalid");
  CHECK(name({good.certificate, "/nowhere"}) == "tls_key_invalid");
  CHECK(name({good.certificate, good.certificate}) == "tls_key_invalid");
  CHECK(name({good.certificate, two.files().key}) == "tls_key_mismatch");
}

TEST_CASE("H3: a handshake has the deadline of a head", "[http][tls]") {
  const identity_files identity{"one.test"};
  auto options = secure(identity.files());
  options.head_timeout = 60ms;
  echo_server server{options};
  troupe::support::raw_client silent{server->tls_address()->port};
  CHECK(silent.is_closed());
  troupe::support::raw_client slow{server->tls_address()->port};
  auto bytes = 0;
  slow.send("\x16\x03\x01\x02");
  while (!slow.is_readable(1ms) && ++bytes < 5'000)
    slow.send("\x01");
  CHECK(slow.is_closed());
  CHECK(server.counters().tls_failures == 2);
  CHECK(eventually([&] {
    return server.counters().open == 0;
  }));
}

TEST_CASE("H3: under TLS the other deadlines hold as well", "[http][tls]") {
  const identity_files identity{"one.test"};
  auto options = secure(identity.files());
  options.idle_timeout = 30ms;
  echo_server server{options};
  tls_client client{server->tls_address()->port};
  CHECK(client.ask(get("/")).status == 200);
  CHECK(client.is_closed());
  CHECK(server.counters().idle_timeouts == 1);
}

TEST_CASE("large bodies go both ways under TLS, and a slow reader is cut off",
          "[http][tls]") {
  const identity_files identity{"one.test"};
  auto options = secure(identity.files());
  options.send_buffer_bytes = 4096;
  options.write_timeout = 30ms;
  echo_server server{options};
  const auto port = server->tls_address()->port;
  tls_client client{port};
  const std::string sent(300'000, 'x');
  CHECK((client.ask(post("/", sent)).body == "POST /? " + sent));
  CHECK(client.ask(get("/large")).body.size() == 8 * 1024 * 1024);
  CHECK(client.ask(get("/", "Connection: close\r\n")).status == 200);
  CHECK(client.is_closed());
  tls_client_options narrow;
  narrow.receive_buffer = 4096;
  tls_client lazy{port, narrow};
  lazy.send(post("/", std::string(60'000, 'x')));
  CHECK(eventually([&] {
    return server.counters().write_timeouts == 1;
  }));
}

TEST_CASE("a drain ends idle TLS connections and handshakes under way",
          "[http][tls]") {
  const identity_files identity{"one.test"};
  echo_server server{secure(identity.files())};
  const auto port = server->tls_address()->port;
  tls_client idle{port};
  CHECK(idle.ask(get("/")).status == 200);
  troupe::support::raw_client silent{port};
  CHECK(eventually([&] {
    return server.counters().open == 2;
  }));
  server->drain();
  CHECK(server->wait_drained(10s));
  CHECK(idle.is_closed());
}
