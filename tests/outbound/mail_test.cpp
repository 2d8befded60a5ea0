// Mail to a real SMTP server.
#include "outbound/mail_message.hpp"
#include "tests/support/calls.hpp"
#include "tests/support/mail_server.hpp"

#include <catch2/catch.hpp>

using namespace troupe::outbound;
using namespace troupe::test;

namespace {

http_call mail_to(const mail_server& server, const std::string& to,
                  const std::string& scheme = "smtp") {
  mail_message message;
  message.from = {"", "news@example.org"};
  message.to = to;
  message.subject = "Hello";
  message.text = ".\nHi\n";
  http_call call;
  call.url
    = scheme + "://localhost:" + std::to_string(server.port()) + "/example.org";
  call.body = to_mime(message);
  call.mail = mail_envelope{"news@example.org", to,       scheme == "smtp",
                            "troupe",           "pa\"ss", server.certificate()};
  return call;
}

} // namespace

TEST_CASE("mail goes out over STARTTLS, logged in, and arrives as it was",
          "[outbound][mail]") {
  mail_server server;
  transport calls{local_options()};
  const auto outcome = ask(calls, mail_to(server, "ada@example.com"));
  CHECK(outcome.error == "");
  CHECK(outcome.status == 250);
  CHECK(outcome.body == "250 2.0.0 taken\r\n");
  const auto seen = server.next();
  REQUIRE(seen.is_object());
  CHECK(seen.at("from") == "news@example.org");
  CHECK(seen.at("to") == "ada@example.com");
  CHECK(seen.at("greeting") == "example.org");
  CHECK(seen.at("tls") == true);
  CHECK(seen.at("login") == true);
  CHECK(seen.at("parts").at("text/plain") == ".\nHi\n\n");
  CHECK(seen.at("bare") == 0);
}

TEST_CASE("mail goes out over TLS from the first byte", "[outbound][mail]") {
  mail_server server{"tls"};
  transport calls{local_options()};
  const auto outcome = ask(calls, mail_to(server, "ada@example.com", "smtps"));
  CHECK(outcome.error == "");
  CHECK(outcome.status == 250);
}

TEST_CASE("nothing is sent, and no password, to a server whose certificate is "
          "not trusted or that has no STARTTLS",
          "[outbound][mail]") {
  transport calls{local_options()};
  mail_server server;
  auto call = mail_to(server, "ada@example.com");
  call.mail->certificate.clear();
  CHECK(ask(calls, std::move(call)).error == "tls_failed");
  mail_server plain{"none"};
  CHECK(ask(calls, mail_to(plain, "ada@example.com")).error == "tls_failed");
}

TEST_CASE("what a server refuses is told apart by what it was about",
          "[outbound][mail]") {
  mail_server server;
  transport calls{local_options()};
  auto outcome = ask(calls, mail_to(server, "hard@example.com"));
  CHECK(outcome.error == "recipient_refused");
  CHECK(outcome.status == 550);
  CHECK(outcome.body == "550 5.1.1 there is no such mailbox\r\n");
  outcome = ask(calls, mail_to(server, "never@example.com"));
  CHECK(outcome.error == "mail_refused");
  CHECK(outcome.status == 451);
  auto call = mail_to(server, "ada@example.com");
  call.mail->password = "wrong";
  outcome = ask(calls, std::move(call));
  CHECK(outcome.error == "login_refused");
  CHECK(outcome.status == 535);
}

TEST_CASE("W1 mail goes nowhere that the address guard denies",
          "[outbound][mail]") {
  mail_server server;
  transport calls{transport_options{}};
  CHECK(ask(calls, mail_to(server, "ada@example.com")).error
        == "address_not_allowed");
}
