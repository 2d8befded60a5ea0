#include "tests/support/calls.hpp"
#include "tests/support/receiver.hpp"
#include "tests/support/tls_identity.hpp"

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

using namespace troupe::outbound;
using namespace troupe::test;

namespace {

http_outcome outcome_with(const tls_identity& identity, bool trusted,
                          const char* host = "localhost") {
  receiver sink{answers(response(200, {}, "ok")), identity.server};
  auto options = local_options();
  if (trusted)
    options.ca_file = *identity.ca_file;
  transport calls{options};
  return ask(calls, post_to(sink.url("https", host)));
}

} // namespace

TEST_CASE("W6 a trusted certificate for the name is accepted",
          "[outbound][tls]") {
  const auto outcome = outcome_with(make_tls_identity(), true);
  CHECK(outcome.error == "");
  CHECK(outcome.status == 200);
  CHECK(outcome.body == "ok");
}

TEST_CASE("W6 an unknown, expired or foreign certificate is refused",
          "[outbound][tls]") {
  CHECK(outcome_with(make_tls_identity(), false).error == "tls_failed");
  tls_identity_options expired;
  expired.expired = true;
  CHECK(outcome_with(make_tls_identity(expired), true).error == "tls_failed");
  tls_identity_options foreign;
  foreign.dns_name = "other.example";
  CHECK(outcome_with(make_tls_identity(foreign), true).error == "tls_failed");
  CHECK(outcome_with(make_tls_identity(), true, "127.0.0.1").error
        == "tls_failed");
}

TEST_CASE("W6 TLS below 1.2 is refused", "[outbound][tls]") {
  tls_identity_options old;
  old.only_tls_1_1 = true;
  CHECK(outcome_with(make_tls_identity(old), true).error == "tls_failed");
}

TEST_CASE("HTTP/2 is offered, and a receiver that declines gets HTTP/1.1",
          "[outbound][tls]") {
  const auto identity = make_tls_identity();
  std::string offered;
  SSL_CTX_set_alpn_select_cb(
    identity.server.get(),
    [](SSL*, const unsigned char** chosen, unsigned char* size,
       const unsigned char* protocols, unsigned length, void* out) {
      *static_cast<std::string*>(out)
        = {reinterpret_cast<const char*>(protocols), length};
      *chosen = reinterpret_cast<const unsigned char*>("http/1.1");
      *size = 8;
      return SSL_TLSEXT_ERR_OK;
    },
    &offered);
  CHECK(outcome_with(identity, true).status == 200);
  CHECK(offered == "\x02h2\x08http/1.1");
}

TEST_CASE("calls over TLS share a connection", "[outbound][tls]") {
  const auto identity = make_tls_identity();
  receiver sink{answers(response(200)), identity.server};
  auto options = local_options();
  options.ca_file = *identity.ca_file;
  transport calls{options};
  for (int i = 0; i < 5; ++i)
    CHECK(ask(calls, post_to(sink.url("https", "localhost"))).status == 200);
  CHECK(sink.connections() == 1);
}

TEST_CASE("W8 a handshake that stalls ends at the deadline",
          "[outbound][tls]") {
  receiver sink{[](connection& peer) {
    peer.hang();
  }};
  transport calls{local_options()};
  auto call = post_to(sink.url("https", "localhost"));
  call.timeout = std::chrono::milliseconds{150};
  CHECK(ask(calls, std::move(call)).error == "timeout");
}

TEST_CASE("W8 a receiver that speaks no TLS on its TLS port is tls_failed",
          "[outbound][tls]") {
  receiver sink{[](connection& peer) {
    peer.write(response(200));
  }};
  transport calls{local_options()};
  CHECK(ask(calls, post_to(sink.url("https", "localhost"))).error
        == "tls_failed");
}

TEST_CASE("W8 a TLS connection that breaks off is no answer and no signal",
          "[outbound][tls]") {
  const auto identity = make_tls_identity();
  // Each answer is good, and the connection is dead when it is used again.
  receiver sink{[](connection& peer) {
                  peer.read_request();
                  peer.write(response(200));
                  peer.reset_on_close();
                },
                identity.server};
  receiver silent{[](connection& peer) {
                    peer.read_request();
                    peer.reset_on_close();
                  },
                  identity.server};
  auto options = local_options();
  options.ca_file = *identity.ca_file;
  transport calls{options};
  for (int i = 0; i < 10; ++i) {
    const auto outcome = ask(calls, post_to(sink.url("https", "localhost")));
    const bool is_expected
      = outcome.status == 200 || outcome.error == "connection_lost";
    CHECK(is_expected);
    CHECK(ask(calls, post_to(silent.url("https", "localhost"))).error
          == "connection_lost");
  }
}
