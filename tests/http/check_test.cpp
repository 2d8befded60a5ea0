// What is refused once the head is known, before the body (H6).
#include "tests/http/fixture.hpp"

using namespace troupe::http;
using namespace troupe::http::test;

namespace {

/// Refuses all but `/in`, whose bodies have at most 100 bytes.
server_options choosy() {
  auto options = quick();
  options.check = [](request& asked) -> std::optional<response> {
    if (asked.path() == "/throws")
      throw std::runtime_error{"from the check"};
    asked.body_max = 100;
    if (asked.path() == "/in")
      return std::nullopt;
    auto refusal = text("no");
    refusal.status = 403;
    return refusal;
  };
  return options;
}

std::string expecting(std::string_view path, std::string_view length) {
  std::string bytes{"POST "};
  bytes.append(path).append(" HTTP/1.1\r\nHost: here\r\n");
  return bytes.append("Expect: 100-continue\r\nContent-Length: ")
    .append(length)
    .append("\r\n\r\n");
}

} // namespace

TEST_CASE("H6: a refusal comes before the body and instead of 100",
          "[http][check]") {
  echo_server server{choosy()};
  auto client = server.connect();
  const auto refused = client.ask(expecting("/out", "50"));
  CHECK(refused.status == 403);
  CHECK(refused.headers.at("connection") == "close");
  CHECK(client.is_closed());
  CHECK(server.connect().ask(expecting("/in", "101")).status == 413);
  CHECK(server.counters().refused_early == 1);
  CHECK(server.counters().requests == 0);
}

TEST_CASE("H6: 100 comes after the check, then the answer", "[http][check]") {
  echo_server server{choosy()};
  auto client = server.connect();
  CHECK(client.ask(expecting("/in", "5")).status == 100);
  CHECK(client.ask("hello").body == "POST /in? hello");
  // Who sends the body at once does not wait for it.
  CHECK(client.ask(expecting("/in", "5") + "again").body == "POST /in? again");
}

TEST_CASE("H1: the unread body of a refused request is never a request",
          "[http][check]") {
  echo_server server{choosy()};
  const auto smuggled = get("/in");
  for (const auto& start : {post("/out", smuggled), [&] {
                              std::string bytes{"POST /out HTTP/1.1\r\n"};
                              bytes += "Host: a\r\nTransfer-Encoding: "
                                       "chunked\r\n\r\n";
                              return bytes + smuggled;
                            }()}) {
    auto client = server.connect();
    CHECK(client.ask(start + smuggled).status == 403);
    CHECK(client.is_closed());
  }
  CHECK(server.counters().requests == 0);
}

TEST_CASE("a refused request without a body leaves the connection open",
          "[http][check]") {
  echo_server server{choosy()};
  auto client = server.connect();
  CHECK(client.ask(get("/out")).status == 403);
  client.send(get("/out") + get("/in") + get("/out"));
  CHECK(client.receive().status == 403);
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 403);
  CHECK(server.counters().answers_of(403) == 3);
}

TEST_CASE("a check that throws is answered and counted", "[http][check]") {
  echo_server server{choosy()};
  CHECK(server.connect().ask(get("/throws")).status == 503);
  CHECK(server.counters().faults == 1);
}

TEST_CASE("a request keeps the client's id when a log can hold it",
          "[http][check]") {
  echo_server server;
  auto client = server.connect();
  const auto id = [&](const std::string& fields) {
    return client.ask(get("/", fields)).headers.at("x-request-id");
  };
  const std::string longest(64, '~');
  CHECK(id("X-Request-Id: " + longest + "\r\n") == longest);
  CHECK(id("x-request-id: 8c2f-1!\r\n") == "8c2f-1!");
  CHECK(id("").starts_with("req_"));
  CHECK(id("X-Request-Id: " + longest + "~\r\n").starts_with("req_"));
  CHECK(id("X-Request-Id:\r\n").starts_with("req_"));
  CHECK(id("X-Request-Id: a b\r\n").starts_with("req_"));
  CHECK(id("X-Request-Id: \xc3\xa9\r\n").starts_with("req_"));
  CHECK(id("X-Request-Id: a\r\nX-Request-Id: b\r\n").starts_with("req_"));
}
