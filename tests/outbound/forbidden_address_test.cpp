// F8: no connection to a denied address, whatever name or spelling leads there.
#include "tests/support/calls.hpp"
#include "tests/support/fake_names.hpp"
#include "tests/support/odd_hosts.hpp"
#include "tests/support/receiver.hpp"

#include <catch2/catch.hpp>

using namespace troupe::outbound;
using namespace troupe::test;

TEST_CASE("W1 no spelling of a denied address leads to a connection",
          "[outbound][forbidden]") {
  // Listens on every address of this machine, IPv4 and IPv6.
  receiver canary{answers(response(200)), {}, "::"};
  receiver second{answers(response(200)), {}, "::"};
  transport calls{transport_options{}};
  std::vector<std::pair<std::string, std::future<http_outcome>>> made;
  for (const auto& host : odd_loopback_hosts())
    for (const auto* scheme : {"http", "https"})
      for (const auto* sink : {&canary, &second}) {
        const auto url = sink->url(scheme, host);
        made.emplace_back(url, submit(calls, post_to(url)));
      }
  REQUIRE(made.size() >= 300);
  int denied = 0;
  for (auto& [url, future] : made) {
    CAPTURE(url);
    const auto outcome = outcome_of(std::move(future));
    CHECK(outcome.status == 0);
    // Some spellings are names to the resolver of this system.
    const bool is_expected = outcome.error == "address_not_allowed"
                             || outcome.error == "dns_failed"
                             || outcome.error == "url_not_allowed";
    CAPTURE(outcome.error);
    CHECK(is_expected);
    denied += outcome.error == "address_not_allowed";
  }
  CHECK(denied >= 300);
  CHECK(canary.connections() == 0);
  CHECK(second.connections() == 0);
}

TEST_CASE("the canary is reached when private addresses are allowed",
          "[outbound][forbidden]") {
  receiver canary{answers(response(200)), {}, "::"};
  transport calls{local_options()};
  for (const auto* host : {"127.1", "2130706433", "[::1]", "localhost"})
    CHECK(ask(calls, post_to(canary.url("http", host))).status == 200);
  // Two of them are one address, whose connection is used again.
  CHECK(canary.connections() == 3);
  for (const auto* host : {"[::ffff:127.0.0.1]", "0.0.0.0", "[::]"})
    CHECK(ask(calls, post_to(canary.url("http", host))).error
          == "address_not_allowed");
  CHECK(canary.connections() == 3);
}

TEST_CASE("W2 names are judged by every address they resolve to",
          "[outbound][forbidden]") {
  fake_names names;
  names.add("inside.test", {{"127.0.0.1"}});
  names.add("many.test", {{"127.0.0.1", "::1", "10.0.0.1", "::ffff:127.0.0.1",
                           "169.254.169.254", "fd00:ec2::254"}});
  receiver canary{answers(response(200)), {}, "::"};
  transport calls{transport_options{}};
  for (const auto* host : {"inside.test", "many.test", "localhost"}) {
    auto call = post_to(canary.url("http", host));
    call.timeout = std::chrono::milliseconds{500};
    CHECK(ask(calls, std::move(call)).error == "address_not_allowed");
  }
  CHECK(canary.connections() == 0);
  CHECK(names.lookups("many.test") >= 1);
}

TEST_CASE("W2 an allowed address among denied ones is the one that is called",
          "[outbound][forbidden]") {
  fake_names names;
  names.add("mixed.test", {{"0.0.0.0", "::ffff:127.0.0.1", "::", "127.0.0.1"}});
  std::mutex mutex;
  std::string request;
  receiver sink{[&](connection& peer) {
                  auto got = peer.read_request();
                  {
                    const std::lock_guard lock{mutex};
                    request = got;
                  }
                  peer.write(response(200));
                },
                {},
                "::"};
  transport calls{local_options()};
  CHECK(ask(calls, post_to(sink.url("http", "mixed.test"))).status == 200);
  CHECK(sink.connections() == 1);
  const std::lock_guard lock{mutex};
  CHECK(request.find("Host: mixed.test:") != std::string::npos);
}

TEST_CASE("W2 a name that turns inwards after the first look-up is denied",
          "[outbound][forbidden]") {
  fake_names names;
  names.add("rebinds.test", {{"127.0.0.1"}, {"0.0.0.0"}});
  receiver canary{answers(response(200)), {}, "::"};
  const auto url = canary.url("http", "rebinds.test");
  {
    transport calls{local_options()};
    CHECK(ask(calls, post_to(url)).status == 200);
    // Within a transport an address once judged is kept or judged again.
    CHECK(ask(calls, post_to(url)).status == 200);
  }
  CHECK(canary.connections() == 1);
  transport calls{local_options()};
  CHECK(ask(calls, post_to(url)).error == "address_not_allowed");
  CHECK(names.lookups("rebinds.test") >= 2);
  CHECK(canary.connections() == 1);
}

TEST_CASE("W5 the own listening address is not called",
          "[outbound][forbidden]") {
  receiver self{answers(response(200))};
  receiver other{answers(response(200))};
  address_guard_options guard;
  guard.allow_private = true;
  guard.own_addresses
    = {*parse_endpoint("127.0.0.1:" + std::to_string(self.port()))};
  transport_options options;
  options.guard = address_guard{std::move(guard)};
  transport calls{options};
  CHECK(ask(calls, post_to(self.url())).error == "address_not_allowed");
  CHECK(ask(calls, post_to(self.url("http", "localhost"))).error
        == "address_not_allowed");
  CHECK(ask(calls, post_to(other.url())).status == 200);
  CHECK(self.connections() == 0);
}
