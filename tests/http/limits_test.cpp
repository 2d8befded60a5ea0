#include "tests/http/fixture.hpp"

#include <fcntl.h>
#include <sys/resource.h>

using namespace troupe::http;
using namespace troupe::http::test;
using namespace std::chrono_literals;

namespace {

const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";

} // namespace

TEST_CASE("H1: what is in doubt is answered 400 and never read on",
          "[http][limits]") {
  echo_server server;
  // Each would smuggle this request past a server that guesses.
  const auto smuggled = get("/smuggled");
  for (const std::string start : {
         "GET / HTTP/1.1\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: a\r\n"
         "Transfer-Encoding: chunked, identity\r\n\r\n",
         "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: a\r\n"
         "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
         "Content-Length: 1\r\n\r\nx",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
         "POST / HTTP/1.1\r\nHost: a\r\n"
         "Content-Length: 18446744073709551616\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
         "5\nhello\r\n0\r\n\r\n",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0x1\r\na\r\n0\r\n\r\n",
         "GET / HTTP/1.1\nHost: a\r\n\r\n",
         "GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
         "GET http://other/ HTTP/1.1\r\nHost: a\r\n\r\n",
         "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
         "\x16\x03\x01\x02",
       }) {
    INFO(start);
    auto client = server.connect();
    const auto answer = client.ask(start + smuggled);
    CHECK(answer.status == 400);
    CHECK(answer.headers.at("connection") == "close");
    CHECK(answer.headers.at("content-type") == "application/problem+json");
    CHECK(client.is_closed());
  }
  CHECK(server.counters().requests == 0);
  CHECK(server.counters().rejected_malformed == 18);
}

TEST_CASE("H1: a coding before chunked is 501, another version 505",
          "[http][limits]") {
  echo_server server;
  CHECK(server.connect()
          .ask(head + "Transfer-Encoding: gzip, chunked\r\n\r\n")
          .status
        == 501);
  CHECK(server.connect().ask("GET / HTTP/2.0\r\nHost: a\r\n\r\n").status
        == 505);
}

TEST_CASE("H5: what is too large is refused with its own status",
          "[http][limits]") {
  auto options = quick();
  options.body_bytes = 100;
  options.check = [](request& asked) -> std::optional<response> {
    asked.body_max = asked.path() == "/import" ? 200 : asked.body_max;
    return std::nullopt;
  };
  echo_server server{options};
  const auto status = [&](const std::string& bytes) {
    auto client = server.connect();
    const auto answer = client.ask(bytes);
    CHECK((answer.status == 200 || client.is_closed()));
    return answer.status;
  };
  CHECK(status(post("/", std::string(100, 'x'))) == 200);
  CHECK(status(post("/import", std::string(200, 'x'))) == 200);
  CHECK(status(head + "Content-Length: 101\r\n\r\n") == 413);
  CHECK(status(head + "Transfer-Encoding: chunked\r\n\r\n65\r\n") == 413);
  CHECK(status(get("/", "X: " + std::string(8192, 'x') + "\r\n")) == 431);
  CHECK(status("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x')) == 431);
  CHECK(status(get("/" + std::string(8000, 'x'))) == 414);
  CHECK(status("GET /" + std::string(9000, 'x')) == 414);
  CHECK(server.counters().rejected_too_large == 6);
}

TEST_CASE("H5: a refusal reaches a client that is still sending",
          "[http][limits]") {
  auto options = quick();
  options.linger_timeout = 60s;
  echo_server server{options};
  auto client = server.connect();
  client.send(head + "Content-Length: 2000000\r\n\r\n");
  client.send(std::string(200'000, 'x'));
  CHECK(client.receive().status == 413);
  CHECK(client.is_closed());
}

TEST_CASE("H5: a refused client that sends on is cut off", "[http][limits]") {
  auto options = quick();
  options.linger_timeout = 60s;
  echo_server server{options};
  auto client = server.connect();
  client.send(head + "Content-Length: 2000000000\r\n\r\n");
  CHECK(eventually([&] {
    return !client.send(std::string(10'000, 'x'));
  }));
  CHECK(server.counters().requests == 0);
}

TEST_CASE("H3: a head that does not end is answered 408 once",
          "[http][limits]") {
  auto options = quick();
  options.head_timeout = 30ms;
  echo_server server{options};
  auto client = server.connect();
  client.send("GET / HT");
  const auto answer = client.receive();
  CHECK(answer.status == 408);
  CHECK(client.is_closed());
  CHECK(server.counters().head_timeouts == 1);
}

TEST_CASE("H3: a head deadline is not moved by more bytes", "[http][limits]") {
  auto options = quick();
  options.head_timeout = 60ms;
  echo_server server{options};
  auto client = server.connect();
  client.send("GET / HTTP/1.1\r\nX: ");
  auto bytes = 0;
  while (!client.is_readable(1ms) && ++bytes < 5'000)
    client.send("x");
  CHECK(bytes > 1);
  CHECK(client.receive().status == 408);
}

TEST_CASE("H3: a body that does not come is answered 408", "[http][limits]") {
  auto options = quick();
  options.body_timeout = 30ms;
  echo_server server{options};
  auto client = server.connect();
  CHECK(client.ask(head + "Content-Length: 5\r\n\r\nhell").status == 408);
  CHECK(client.is_closed());
  CHECK(server.counters().body_timeouts == 1);
}

TEST_CASE("H3: a body below the least rate is answered 408", "[http][limits]") {
  auto options = quick();
  options.body_rate_grace = 20ms;
  options.body_rate_min = 1'000'000;
  echo_server server{options};
  auto client = server.connect();
  CHECK(client.ask(head + "Content-Length: 5\r\n\r\nhell").status == 408);
  CHECK(server.counters().body_timeouts == 1);
}

TEST_CASE("H3: an idle connection is closed without a word", "[http][limits]") {
  auto options = quick();
  options.idle_timeout = 30ms;
  echo_server server{options};
  auto silent = server.connect();
  auto used = server.connect();
  CHECK(used.ask(get("/")).status == 200);
  CHECK(used.is_closed());
  CHECK(silent.is_closed());
  CHECK(server.counters().idle_timeouts == 2);
}

TEST_CASE("H3: a client that does not read is cut off", "[http][limits]") {
  auto options = quick();
  options.write_timeout = 30ms;
  options.send_buffer_bytes = 4096;
  echo_server server{options};
  auto client = server.connect(4096);
  client.send(post("/", std::string(60'000, 'x')));
  CHECK(eventually([&] {
    return server.counters().write_timeouts == 1;
  }));
  CHECK(client.receive().status == 0); // cut in the middle
}

TEST_CASE("a request over its deadline is answered 503", "[http][limits]") {
  auto options = quick();
  options.request_deadline = 30ms;
  echo_server server{options};
  auto client = server.connect();
  const auto answer = client.ask(get("/held"));
  CHECK(answer.status == 503);
  CHECK(answer.headers.at("retry-after") == "1");
  CHECK(answer.body.find("\"deadline_exceeded\"") != answer.body.npos);
  // The late answer must not become the answer to the next request.
  client.send(get("/held"));
  auto held = server.held().take(2);
  held[0].respond(text("late"));
  held[1].respond(text("in time"));
  CHECK(client.receive().body == "in time");
  CHECK(server.counters().late_answers == 1);
}

TEST_CASE("H4: connections over the limit are told 503 and closed",
          "[http][limits]") {
  auto options = quick();
  options.connections = 2;
  echo_server server{options};
  auto first = server.connect();
  CHECK(first.ask(get("/")).status == 200);
  {
    auto second = server.connect();
    CHECK(second.ask(get("/")).status == 200);
    auto third = server.connect();
    const auto answer = third.receive();
    CHECK(answer.status == 503);
    CHECK(answer.headers.at("retry-after") == "1");
    CHECK(third.is_closed());
    CHECK(second.ask(get("/", "Connection: close\r\n")).status == 200);
    CHECK(second.is_closed());
    second.end_sending();
  }
  // The server sees the end in its own time.
  CHECK(eventually([&] {
    return server.connect().ask(get("/")).status == 200;
  }));
  CHECK(server.counters().refused_connections >= 1);
}

TEST_CASE("H4: one address can not take every connection", "[http][limits]") {
  auto options = quick();
  options.connections_per_address = 1;
  options.bounds_loopback = true;
  echo_server server{options};
  auto first = server.connect();
  CHECK(first.ask(get("/")).status == 200);
  CHECK(server.connect().receive().status == 503);
  CHECK(server.connect(0, "127.0.0.2").ask(get("/")).status == 200);
}

TEST_CASE("H4: a proxy on the same machine is not bound as one client",
          "[http][limits]") {
  auto options = quick();
  options.connections_per_address = 1;
  echo_server server{options};
  auto first = server.connect();
  CHECK(first.ask(get("/")).status == 200);
  CHECK(server.connect().ask(get("/")).status == 200);
}

TEST_CASE("U5: without descriptors the acceptor waits and goes on",
          "[http][limits]") {
  echo_server server;
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto client = server.connect();
  CHECK(client.ask(get("/")).status == 200);
  std::vector<int> taken;
  const auto waiting = server.connect(); // its twin may be accepted already
  auto narrow = before;
  narrow.rlim_cur = 64;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &narrow) == 0);
  for (int fd = dup(0); fd >= 0; fd = dup(0))
    taken.push_back(fd);
  close(taken.back()); // one for the client, none for the server
  taken.pop_back();
  auto late = server.connect();
  late.send(get("/late"));
  CHECK(eventually([&] {
    return server.counters().accept_pauses > 0;
  }));
  CHECK(client.ask(get("/")).status == 200);
  for (const auto fd : taken)
    close(fd);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(late.receive().body == "GET /late? ");
}
