// F7: receivers that hang, drip, flood, break off and lie.
#include "tests/support/calls.hpp"
#include "tests/support/fake_names.hpp"
#include "tests/support/receiver.hpp"

#include <catch2/catch.hpp>

#include <semaphore>

using namespace troupe::outbound;
using namespace troupe::test;

namespace {

constexpr std::chrono::milliseconds short_timeout{150};

http_outcome outcome_against(receiver::script play,
                             std::chrono::milliseconds timeout = patience) {
  receiver sink{std::move(play)};
  transport calls{local_options()};
  auto call = post_to(sink.url());
  call.timeout = timeout;
  auto outcome = ask(calls, std::move(call));
  // The invariant of http_outcome: an answer or an error.
  CHECK((outcome.status == 0) != outcome.error.empty());
  CHECK(sink.connections() == 1);
  return outcome;
}

receiver::script sends(std::string text,
                       void (connection::*then)() = &connection::hang) {
  return [text = std::move(text), then](connection& peer) {
    peer.read_request();
    peer.write(text);
    (peer.*then)();
  };
}

} // namespace

TEST_CASE("W8 whatever a receiver holds back, the deadline ends the call",
          "[outbound][hostile]") {
  struct row {
    const char* what;
    receiver::script play;
  };
  const std::vector<row> rows{
    {"hangs after accept",
     [](connection& peer) {
       peer.hang();
     }},
    {"hangs in the status line", sends("HTTP/1.1 20")},
    {"hangs in the headers", sends("HTTP/1.1 200 OK\r\ncontent-le")},
    {"hangs after the headers",
     sends("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")},
    {"hangs in the body",
     sends("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc")},
    {"hangs in a chunk", sends("HTTP/1.1 200 OK\r\n"
                               "transfer-encoding: chunked\r\n\r\n5\r\nab")},
    {"promises 10 GB and hangs",
     sends("HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\nabc")},
    {"drips headers",
     [](connection& peer) {
       peer.read_request();
       peer.write("HTTP/1.1 200 OK\r\n");
       peer.drip("x: y\r\n");
     }},
    {"drips the body",
     [](connection& peer) {
       peer.read_request();
       peer.write("HTTP/1.1 200 OK\r\n\r\n");
       peer.drip("z");
     }},
    {"says 100 and hangs", sends("HTTP/1.1 100 Continue\r\n\r\n")},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CHECK(outcome_against(row.play, short_timeout).error == "timeout");
  }
}

TEST_CASE("W8 an endless body is an answer, cut at 16 KiB",
          "[outbound][hostile]") {
  std::atomic<std::size_t> sent = 0;
  const auto* const head = GENERATE("", "content-length: 10737418240\r\n",
                                    "transfer-encoding: chunked\r\n");
  const bool chunked = std::string_view{head}.starts_with("transfer");
  std::binary_semaphore peer_gone{0};
  const auto outcome = outcome_against([&](connection& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n" + std::string{head} + "\r\n");
    sent = peer.flood(chunked ? "8\r\nabcdefgh\r\n" : "abcdefgh");
    peer_gone.release();
  });
  CHECK(outcome.status == 200);
  CHECK(outcome.body.size() == 16 * 1024);
  CHECK(outcome.body.starts_with("abcdefghabcdefgh"));
  // The connection was closed while the receiver still had much to say.
  CHECK(peer_gone.try_acquire_for(patience));
  CHECK(sent < 64 * 1024 * 1024);
}

TEST_CASE("a body of exactly 16 KiB leaves the connection open",
          "[outbound][hostile]") {
  receiver sink{answers(response(200, {}, std::string(16 * 1024, 'a')))};
  transport calls{local_options()};
  for (int i = 0; i < 3; ++i)
    CHECK(ask(calls, post_to(sink.url())).body.size() == 16 * 1024);
  CHECK(sink.connections() == 1);
}

TEST_CASE("W8 headers beyond 8 KiB end the call", "[outbound][hostile]") {
  const auto play = [](std::string_view first, std::string_view more) {
    return [=](connection& peer) {
      peer.read_request();
      peer.write(first);
      peer.flood(more);
    };
  };
  CHECK(outcome_against(play("HTTP/1.1 200 OK\r\n", "x: y\r\n")).error
        == "response_too_large");
  CHECK(outcome_against(play("HTTP/1.1 200 OK\r\nx: ", "yyyyyyyyyyyyyyy")).error
        == "response_too_large");
  // W9: interim answers count too.
  CHECK(outcome_against(play("", "HTTP/1.1 103 Early Hints\r\n\r\n")).error
        == "response_too_large");
  CHECK(outcome_against(
          sends(response(200, "x: " + std::string(8 * 1024, 'y') + "\r\n")))
          .error
        == "response_too_large");
  CHECK(outcome_against(
          sends(response(200, "x: " + std::string(7 * 1024, 'y') + "\r\n")))
          .status
        == 200);
}

TEST_CASE("W8 a connection that breaks off at any point is no answer",
          "[outbound][hostile]") {
  const std::vector<std::string> parts{
    "",
    "HTTP/1.1 20",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nx: y\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcd",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n"};
  for (const auto& part : parts)
    for (auto end : {&connection::reset_on_close, &connection::half_close}) {
      CAPTURE(part, end == &connection::half_close);
      const auto error = outcome_against(sends(part, end)).error;
      const bool is_expected
        = error == "connection_lost" || error == "bad_response";
      CHECK(is_expected);
    }
  const auto error = outcome_against([](connection& peer) {
                       peer.reset_on_close();
                     }).error;
  // The reset may overtake the news that the connection stands.
  const bool is_expected
    = error == "connection_lost" || error == "connect_failed";
  CHECK(is_expected);
}

TEST_CASE("W8 garbage is no answer", "[outbound][hostile]") {
  for (const auto* text :
       {"SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\x02", "<html>hello</html>",
        "HTTP/9.9 999 What\r\n\r\n", "220 mail.example ESMTP\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"}) {
    CAPTURE(text);
    const auto error
      = outcome_against(sends(text, &connection::half_close)).error;
    const bool is_expected
      = error == "bad_response" || error == "connection_lost";
    CHECK(is_expected);
  }
}

TEST_CASE("nobody listening is connect_failed", "[outbound][hostile]") {
  std::string url;
  {
    const receiver gone{answers(response(200))};
    url = gone.url();
  }
  transport calls{local_options()};
  CHECK(ask(calls, post_to(url)).error == "connect_failed");
}

TEST_CASE("W3 a redirect is an answer and is not followed",
          "[outbound][hostile]") {
  const int status = GENERATE(301, 302, 303, 307, 308);
  receiver canary{answers(response(200))};
  const auto outcome = outcome_against(
    sends(response(status, "Location: " + canary.url() + "\r\n")));
  CHECK(outcome.status == status);
  CHECK(canary.connections() == 0);
}

TEST_CASE("W9 Retry-After comes back clamped to a day", "[outbound][hostile]") {
  const auto retry_after = [](const std::string& value) {
    return outcome_against(
             sends(response(429, "RETRY-AFTER: " + value + "\r\n")))
      .retry_after_seconds;
  };
  CHECK(retry_after("17") == 17);
  CHECK(retry_after("999999999") == 86'400);
  CHECK(retry_after("Fri, 31 Dec 9999 23:59:59 GMT") == 86'400);
  CHECK(retry_after("Sun, 06 Nov 1994 08:49:37 GMT") == 0);
  CHECK_FALSE(retry_after("soon"));
}

TEST_CASE("W9 a compressed body is not inflated", "[outbound][hostile]") {
  const std::string bytes{"\x1f\x8b\x08\0\0\0\0\0\0\x03", 10};
  const auto outcome = outcome_against(
    sends(response(200, "content-encoding: gzip\r\n", bytes)));
  CHECK(outcome.status == 200);
  CHECK(outcome.body == bytes);
}

TEST_CASE("an answer that comes before the request was read counts",
          "[outbound][hostile]") {
  const auto outcome = outcome_against([](connection& peer) {
    peer.write(response(413));
    peer.hang();
  });
  CHECK(outcome.status == 413);
}

TEST_CASE("headers of interim answers are not those of the answer",
          "[outbound][hostile]") {
  const auto outcome
    = outcome_against(sends("HTTP/1.1 103 Early Hints\r\nx-early: 1\r\n\r\n"
                            + response(503, "retry-after: 4\r\n")));
  CHECK(outcome.status == 503);
  CHECK(outcome.retry_after_seconds == 4);
  CHECK(outcome.headers
        == header_list{{"content-length", "0"}, {"retry-after", "4"}});
}

TEST_CASE("W8 a hundred hanging calls do not hold up another endpoint",
          "[outbound][hostile]") {
  receiver hanging{[](connection& peer) {
    peer.hang();
  }};
  receiver good{answers(response(200))};
  std::vector<std::future<http_outcome>> held;
  {
    transport calls{local_options()};
    for (int i = 0; i < 100; ++i) {
      auto call = post_to(hanging.url());
      call.timeout = 10 * patience;
      held.push_back(submit(calls, std::move(call)));
    }
    for (int i = 0; i < 50; ++i)
      CHECK(ask(calls, post_to(good.url())).status == 200);
    for (const auto& call : held)
      CHECK(call.wait_for(std::chrono::seconds{0})
            == std::future_status::timeout);
  }
  for (auto& call : held)
    CHECK(outcome_of(std::move(call)).error == "aborted");
}

TEST_CASE("W8 a name server that hangs holds up nobody",
          "[outbound][hostile]") {
  fake_names names;
  names.add_hanging("hangs.test");
  receiver good{answers(response(200))};
  std::future<http_outcome> unfinished;
  {
    transport calls{local_options()};
    auto call = post_to("http://hangs.test/");
    call.timeout = short_timeout;
    CHECK(ask(calls, std::move(call)).error == "timeout");
    call = post_to("http://hangs.test/");
    call.timeout = 10 * patience;
    unfinished = submit(calls, std::move(call));
    CHECK(ask(calls, post_to(good.url())).status == 200);
  }
  CHECK(outcome_of(std::move(unfinished)).error == "aborted");
  CHECK(names.lookups("hangs.test") >= 1);
}

TEST_CASE("a name that does not exist is dns_failed", "[outbound][hostile]") {
  const fake_names names;
  transport calls{local_options()};
  CHECK(ask(calls, post_to("http://unknown.test/")).error == "dns_failed");
}
