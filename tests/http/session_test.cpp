#include "tests/http/fixture.hpp"

#include <atomic>

using namespace troupe::http;
using namespace troupe::http::test;

TEST_CASE("a connection serves one request after the other",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.ask(post("/a?b=c", "body" + std::to_string(i)));
    CHECK(answer.status == 200);
    CHECK(answer.body == "POST /a?b=c body" + std::to_string(i));
    CHECK(answer.headers.count("connection") == 0);
    CHECK(answer.headers.at("date").size() == 29);
  }
  CHECK(server.counters().accepted == 1);
  CHECK(server.counters().requests == 3);
}

TEST_CASE("G74: every answer has its own request id", "[http][session]") {
  echo_server server;
  auto client = server.connect();
  const auto first = client.ask(get("/")).headers.at("x-request-id");
  const auto second = client.ask(get("/")).headers.at("x-request-id");
  CHECK(first.size() == 30);
  CHECK(first.starts_with("req_"));
  CHECK(first != second);
}

TEST_CASE("H2: three requests in one packet are answered in order",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  client.send(post("/1", "one") + get("/2") + post("/3", "three"));
  CHECK(client.receive().body == "POST /1? one");
  CHECK(client.receive().body == "GET /2? ");
  CHECK(client.receive().body == "POST /3? three");
}

TEST_CASE("H2: a body that is not copied is sent whole, in its place",
          "[http][session]") {
  constexpr std::size_t fixed_bytes = 4 * 1024 * 1024;
  echo_server server;
  auto client = server.connect();
  client.send(get("/1") + get("/fixed")
              + "HEAD /fixed HTTP/1.1\r\nHost: a\r\n\r\n" + get("/2")
              + get("/fixed", "Connection: close\r\n"));
  CHECK(client.receive().body == "GET /1? ");
  CHECK(client.receive().body == std::string(fixed_bytes, 'f'));
  CHECK(client.receive(false).headers.at("content-length")
        == std::to_string(fixed_bytes));
  CHECK(client.receive().body == "GET /2? ");
  CHECK(client.receive().body == std::string(fixed_bytes, 'f'));
  CHECK(client.is_closed());
}

TEST_CASE("H2: a request waits for the answer to the one before it",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  client.send(get("/held") + get("/2"));
  auto held = server.held().take(1);
  CHECK(server.counters().requests == 1);
  held[0].respond(text("first"));
  CHECK(client.receive().body == "first");
  CHECK(client.receive().body == "GET /2? ");
}

TEST_CASE("H2: a thousand requests sent ahead are all answered in order",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  std::thread sender{[&] {
    for (int i = 0; i < 1000; ++i)
      client.send(post("/" + std::to_string(i), std::string(100, 'x')));
  }};
  auto in_order = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto answer = client.receive();
    const auto expected = "POST /" + std::to_string(i) + "? ";
    in_order += answer.body.starts_with(expected) ? 1 : 0;
  }
  sender.join();
  CHECK(in_order == 1000);
}

TEST_CASE("H1: a request may arrive in pieces of one byte", "[http][session]") {
  echo_server server;
  auto client = server.connect();
  for (const auto c : post("/a", "hello"))
    client.send({&c, 1});
  CHECK(client.receive().body == "POST /a? hello");
}

TEST_CASE("H1: a chunked body split at every byte arrives whole",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  const std::string bytes = "POST /c HTTP/1.1\r\nHost: a\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nT: x\r\n\r\n";
  for (std::size_t split = 1; split < bytes.size(); ++split) {
    client.send(bytes.substr(0, split));
    client.send(bytes.substr(split));
    REQUIRE(client.receive().body == "POST /c? hello!");
  }
}

TEST_CASE("a body of the size allowed arrives whole", "[http][session]") {
  echo_server server;
  auto client = server.connect();
  const std::string body(1024 * 1024, 'b');
  CHECK(client.ask(post("/", body)).body == "POST /? " + body);
  CHECK(client.ask(get("/")).status == 200);
}

TEST_CASE("an answer larger than the socket's buffer arrives whole",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  client.send(get("/large") + get("/after"));
  CHECK(client.receive().body.size() == 8 * 1024 * 1024);
  CHECK(client.receive().body == "GET /after? ");
}

TEST_CASE("H9: HEAD is answered like GET, without the body",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b"));
  const auto answer = client.receive(false);
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-length") == "9");
  CHECK(client.receive().body == "GET /b? ");
}

TEST_CASE("a client that asks for it is the last on its connection",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  const auto answer = client.ask(get("/", "Connection: x, Close\r\n"));
  CHECK(answer.headers.at("connection") == "close");
  CHECK(client.is_closed());
}

TEST_CASE("HTTP/1.0 closes unless it asks to stay", "[http][session]") {
  echo_server server;
  auto stays = server.connect();
  for (int i = 0; i < 2; ++i) {
    const auto answer
      = stays.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(answer.headers.at("connection") == "keep-alive");
  }
  auto leaves = server.connect();
  CHECK(leaves.ask("GET / HTTP/1.0\r\n\r\n").status == 200);
  CHECK(leaves.is_closed());
}

TEST_CASE("a client that ended its side still gets its answer",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  client.send(get("/held"));
  client.end_sending();
  server.held().take(1)[0].respond(text("late"));
  CHECK(client.receive().body == "late");
  CHECK(client.is_closed());
}

TEST_CASE("an empty line before a request is skipped once", "[http][session]") {
  echo_server server;
  auto client = server.connect();
  CHECK(client.ask("\r\n" + get("/")).status == 200);
  CHECK(client.ask("\r\n\r\n" + get("/")).status == 400);
}

TEST_CASE("H6: 100 Continue comes once the head is accepted",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  const std::string head = "POST /e HTTP/1.1\r\nHost: a\r\n"
                           "Expect: 100-continue\r\nContent-Length: ";
  CHECK(client.ask(head + "5\r\n\r\n").status == 100);
  CHECK(client.ask("hello").body == "POST /e? hello");
  // Who sends the body at once needs no permission.
  CHECK(client.ask(head + "5\r\n\r\nhello").body == "POST /e? hello");
  CHECK(client.ask(head + "9999999\r\n\r\n").status == 413);
  CHECK(client.is_closed());
}

TEST_CASE("H6: an unknown expectation is answered with 417",
          "[http][session]") {
  echo_server server;
  auto client = server.connect();
  CHECK(client.ask(get("/", "Expect: tea\r\n")).status == 417);
  CHECK(client.is_closed());
}

TEST_CASE("a responder may be called from any thread", "[http][responder]") {
  echo_server server;
  std::vector<troupe::support::raw_client> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(server.connect());
    clients.back().send(get("/held"));
  }
  auto held = server.held().take(50);
  std::atomic<std::size_t> next = 0;
  const auto answer_some = [&] {
    for (auto i = next++; i < held.size(); i = next++)
      held[i].respond(text("from a thread"));
  };
  std::thread one{answer_some};
  std::thread other{answer_some};
  one.join();
  other.join();
  for (auto& client : clients)
    CHECK(client.receive().body == "from a thread");
}

TEST_CASE("a responder answers once", "[http][responder]") {
  echo_server server;
  auto client = server.connect();
  client.send(get("/held"));
  auto held = server.held().take(1);
  held[0].respond(text("first"));
  CHECK_FALSE(held[0]);
  held[0].respond(text("second"));
  CHECK(client.receive().body == "first");
  CHECK(client.ask(get("/")).body == "GET /? ");
}

TEST_CASE("a responder that nobody used answers 500", "[http][responder]") {
  echo_server server;
  auto client = server.connect();
  CHECK(client.ask(get("/dropped")).status == 500);
  CHECK(client.ask(get("/throws")).status == 500);
  client.send(get("/held"));
  server.held().take(1).clear();
  const auto answer = client.receive();
  CHECK(answer.status == 500);
  CHECK(answer.body.find(answer.headers.at("x-request-id"))
        != answer.body.npos);
  CHECK(server.counters().abandoned == 3);
  CHECK(client.ask(get("/")).status == 200);
}

TEST_CASE("U5: no memory for a request is 503", "[http][responder]") {
  echo_server server;
  auto client = server.connect();
  CHECK(client.ask(get("/memory")).status == 503);
  CHECK(client.ask(get("/")).status == 200);
}

TEST_CASE("a responder outlives its connection and its server",
          "[http][responder]") {
  std::vector<responder> kept;
  {
    echo_server server;
    {
      auto client = server.connect();
      client.send(get("/held"));
      kept = server.held().take(1);
    }
    auto other = server.connect();
    other.send(get("/held"));
    for (auto& each : server.held().take(1))
      kept.push_back(std::move(each));
    kept[0].respond(text("the client has gone"));
    CHECK(server.connect().ask(get("/")).status == 200);
  }
  kept[1].respond(text("the server has gone"));
  CHECK_FALSE(kept[1]);
}

TEST_CASE("several io threads share the connections", "[http][session]") {
  auto options = quick();
  options.io_threads = 3;
  echo_server server{options};
  std::vector<troupe::support::raw_client> clients;
  for (int i = 0; i < 9; ++i)
    clients.push_back(server.connect());
  for (int round = 0; round < 3; ++round)
    for (auto& client : clients)
      CHECK(client.ask(post("/", "x")).body == "POST /? x");
}
