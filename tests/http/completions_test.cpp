#include "http/completions.hpp"
#include "http/connection_ledger.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <thread>
#include <vector>

using namespace troupe::http;

TEST_CASE("a burst of answers wakes the io thread once",
          "[http][completions]") {
  boost::asio::io_context context;
  std::vector<std::uint64_t> delivered;
  const auto sink
    = std::make_shared<completions>(context, [&](completion& done) {
        delivered.push_back(done.ticket.serial);
      });
  sink->own();
  std::thread other{[&] {
    for (std::uint64_t serial = 1; serial <= 100; ++serial)
      responder{sink, {0, serial}}.respond({});
  }};
  other.join();
  CHECK(context.poll() == 1);
  CHECK(delivered.size() == 100);
  CHECK(delivered.back() == 100);
}

TEST_CASE("an answer within the handler needs no wake-up",
          "[http][completions]") {
  boost::asio::io_context context;
  const auto sink = std::make_shared<completions>(context, [](completion&) {
    FAIL();
  });
  sink->own();
  sink->enter(7);
  responder{sink, {0, 7}}.respond({});
  const auto done = sink->leave();
  REQUIRE(done);
  CHECK(done->ticket.serial == 7);
  CHECK(done->answer);
  CHECK(context.poll() == 0);
}

TEST_CASE("answers after the end are dropped", "[http][completions]") {
  boost::asio::io_context context;
  const auto sink = std::make_shared<completions>(context, [](completion&) {
    FAIL();
  });
  sink->own();
  responder late{sink, {0, 1}};
  sink->close();
  late.respond({});
  CHECK(context.poll() == 0);
}

TEST_CASE("H4: only so many refused connections are told why",
          "[http][ledger]") {
  using verdict = connection_ledger::verdict;
  connection_ledger ledger{1, 1};
  const address_text client{"10.0.0.1"};
  REQUIRE(ledger.enter(client) == verdict::admitted);
  auto told = 0;
  while (ledger.enter(client) == verdict::turned_away)
    REQUIRE(++told < 1000);
  CHECK(told == 64);
  ledger.leave(client, verdict::turned_away);
  CHECK(ledger.enter(client) == verdict::turned_away);
  ledger.leave(client, verdict::admitted);
  CHECK(ledger.enter(client) == verdict::admitted);
}
