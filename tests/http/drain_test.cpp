#include "tests/http/fixture.hpp"

#include <future>

using namespace troupe::http;
using namespace troupe::http::test;
using namespace std::chrono_literals;

TEST_CASE("a drain lets running requests finish and ends the rest",
          "[http][drain]") {
  echo_server server;
  auto idle = server.connect();
  CHECK(idle.ask(get("/")).status == 200);
  auto running = server.connect();
  running.send(get("/held"));
  auto held = server.held().take(1);
  auto started = server.connect();
  CHECK(started.ask(get("/")).status == 200);
  started.send("GET / HTTP/1.1\r\n");
  // Known to have been read: the same thread answers behind it.
  CHECK(server.connect().ask(get("/")).status == 200);

  std::promise<void> stopped;
  server->drain([&] {
    stopped.set_value();
  });
  CHECK(idle.is_closed());
  CHECK_FALSE(server->wait_drained(0ms));
  const auto last = started.ask("Host: a\r\n\r\n");
  if (last.status != 0) // its first line was read before the drain
    CHECK(last.headers.at("connection") == "close");
  held[0].respond(text("done"));
  const auto answer = running.receive();
  CHECK(answer.body == "done");
  CHECK(answer.headers.at("connection") == "close");
  CHECK(running.is_closed());
  running.end_sending();
  started.end_sending();
  CHECK(stopped.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(server->wait_drained(10s));
  CHECK_THROWS(server.connect());
  CHECK(server.counters().open == 0);
}

TEST_CASE("a drain of an idle server ends at once", "[http][drain]") {
  auto options = quick();
  options.io_threads = 2;
  echo_server server{options};
  server->drain();
  server->drain();
  CHECK(server->wait_drained(10s));
}

TEST_CASE("a stop ends every connection", "[http][drain]") {
  echo_server server;
  auto client = server.connect();
  client.send(get("/held"));
  auto held = server.held().take(1);
  server->stop();
  CHECK(client.is_closed());
  held[0].respond(text("nobody hears it"));
  server->stop();
}

TEST_CASE("a server tells where it listens or why not", "[http][server]") {
  const auto ignore = [](request, responder) {};
  auto options = quick();
  options.plain->host = "localhost";
  auto first = server::start(options, ignore);
  REQUIRE(first);
  const auto port = (*first)->address().port;
  CHECK((*first)->address().url()
        == "http://127.0.0.1:" + std::to_string(port));
  options.plain->port = port;
  const auto second = server::start(options, ignore);
  REQUIRE_FALSE(second);
  CHECK(second.failure().name == "listen_failed");
  options.plain->host = "not an address";
  CHECK(server::start(options, ignore).failure().name
        == "listen_address_invalid");
  options.io_threads = 0;
  CHECK(server::start(options, ignore).failure().name
        == "listen_options_invalid");
  CHECK(bound_address{"::1", 80}.url() == "http://[::1]:80");
  CHECK(bound_address{"::1", 443, true}.url() == "https://[::1]:443");
}
