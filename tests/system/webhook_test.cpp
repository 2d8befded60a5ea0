// Webhooks of the real binary, received on a real socket.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace troupe::test;

namespace {

using std::chrono::seconds;

constexpr seconds patience{20};

std::string header(const received_call& call, const char* name) {
  const auto found = call.headers.find(name);
  return found == call.headers.end() ? std::string{} : found->second;
}

} // namespace

TEST_CASE_METHOD(with_server,
                 "G15 webhooks_dispatched counts the "
                 "subscriptions that match, also of receivers "
                 "that are down",
                 "[system][webhook]") {
  webhook_sink sink;
  const auto type = fresh("g15.sent.");
  subscribe(api, sink.url(), type);
  CHECK(api.emit(event_body(type, by_external_id(fresh("usr_"))))
          .number("/fan_out/webhooks_dispatched")
        == 1);
  std::string nobody;
  {
    webhook_sink gone;
    nobody = gone.url();
  }
  subscribe(api, nobody, type);
  subscribe(api, sink.url(), type + ".other");
  const auto made = api.emit(event_body(type, by_external_id(fresh("usr_"))));
  CHECK(made.number("/fan_out/webhooks_dispatched") == 2);
  CHECK(api.emit(event_body("g15.unheard", by_external_id(fresh("usr_"))))
          .number("/fan_out/webhooks_dispatched")
        == 0);
}

TEST_CASE_METHOD(with_server,
                 "G21 G43 an event arrives at its subscriber, "
                 "signed, with its metadata",
                 "[system][webhook]") {
  webhook_sink sink;
  const auto type = fresh("g43.sent.");
  const auto secret = subscribe(api, sink.url(), type).text("/signing_secret");
  REQUIRE(secret.starts_with("whsec_"));
  const auto made
    = api.emit(event_body(type, by_external_id(fresh("usr_")),
                          R"({"order_id":"ord_8a72c0","total_pence":4299})"));
  const auto calls = sink.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  const auto& call = calls.front();
  INFO(call.body);
  CHECK(call.line == "POST /hook HTTP/1.1");
  CHECK(header(call, "content-type") == "application/json");
  CHECK_FALSE(header(call, "webhook-id").empty());
  CHECK(is_signed_with(call, secret));
  CHECK_FALSE(is_signed_with(call, "whsec_" + std::string(32, 'A')));
  REQUIRE(call.json.is_object());
  CHECK(call.json.at("id").as_string() == made.text("/id").c_str());
  CHECK(call.json.at("type").as_string() == type.c_str());
  const auto& data = call.json.at("data");
  CHECK(data.at("metadata").at("order_id").as_string() == "ord_8a72c0");
  CHECK(data.at("metadata").at("total_pence").as_int64() == 4299);
}

TEST_CASE_METHOD(with_server,
                 "G16 G81 the answer does not grow with what an event causes",
                 "[system][webhook]") {
  webhook_sink sink;
  const auto quiet = fresh("g81.quiet.");
  const auto loud = fresh("g81.loud.");
  for (int i = 0; i < 5; ++i)
    subscribe(api, sink.url(), loud);
  publish(api, R"({"key":")" + fresh("g81_")
                 + R"(","status":"active","trigger":{"any":[{"event":")" + loud
                 + R"("}]},"entry":"one","nodes":{
      "one":{"type":"update","tags_add":["a"],"then":"two"},
      "two":{"type":"update","tags_add":["b"],"then":"done"},
      "done":{"type":"exit"}}})");
  const auto alone = api.emit(event_body(quiet, by_external_id("usr_g81")));
  const auto busy = api.emit(event_body(loud, by_external_id("usr_g81")));
  INFO(busy.body);
  CHECK(busy.number("/fan_out/webhooks_dispatched") == 5);
  CHECK(busy.number("/fan_out/sequences_woken") == 3);
  CHECK(busy.body.size() <= alone.body.size() + 8);
}

TEST_CASE_METHOD(with_server, "a subscription takes names, prefixes and *",
                 "[system][webhook]") {
  webhook_sink sink;
  const auto prefix = fresh("wide");
  subscribe(api, sink.url(), prefix + ".*");
  const auto who = by_external_id(fresh("usr_"));
  CHECK(api.emit(event_body(prefix + ".a", who))
          .number("/fan_out/webhooks_dispatched")
        == 1);
  CHECK(api.emit(event_body(prefix + ".a.b", who))
          .number("/fan_out/webhooks_dispatched")
        == 1);
  CHECK(api.emit(event_body(prefix + "s.a", who))
          .number("/fan_out/webhooks_dispatched")
        == 0);
  CHECK(sink.wait_for(2, patience).size() == 2);
}

TEST_CASE_METHOD(with_server, "G54 a replayed event sends no second webhook",
                 "[system][webhook]") {
  webhook_sink sink;
  const auto type = fresh("g54.hook.");
  subscribe(api, sink.url(), type);
  const auto body = event_body(type, by_external_id(fresh("usr_")));
  const auto key = fresh("g54:");
  const auto first = api.emit(body, key);
  const auto second = api.emit(body, key);
  CHECK(second.body == first.body);
  CHECK(second.number("/fan_out/webhooks_dispatched") == 1);
  // A delivery of a later event proves that there was none before it.
  const auto last = api.emit(event_body(type, by_external_id(fresh("usr_"))));
  const auto calls = sink.wait_for(2, patience);
  REQUIRE(calls.size() == 2);
  for (const auto& call : calls)
    CHECK((call.json.at("id").as_string() == first.text("/id").c_str()
           || call.json.at("id").as_string() == last.text("/id").c_str()));
  CHECK(calls[0].json.at("id") != calls[1].json.at("id"));
}

TEST_CASE_METHOD(with_server,
                 "a delivery that got 500 comes again with the "
                 "same id, body and a new signature",
                 "[system][webhook_retry]") {
  webhook_sink sink{[](std::size_t number) {
    return number == 0 ? 500 : 204;
  }};
  const auto type = fresh("retry.sent.");
  const auto secret = subscribe(api, sink.url(), type).text("/signing_secret");
  api.emit(event_body(type, by_external_id(fresh("usr_"))));
  const auto calls = sink.wait_for(2, seconds{30});
  REQUIRE(calls.size() == 2);
  CHECK(header(calls[0], "webhook-id") == header(calls[1], "webhook-id"));
  CHECK(calls[0].body == calls[1].body);
  CHECK(is_signed_with(calls[0], secret));
  CHECK(is_signed_with(calls[1], secret));
  // The schedule's first step is 5 s, at least 4 s with its jitter.
  CHECK(calls[1].at - calls[0].at >= seconds{4});
}

TEST_CASE("a webhook whose receiver is down arrives after a restart",
          "[system][webhook_restart]") {
  troupe_server server;
  auto api = server.client();
  std::uint16_t port = 0;
  std::string url;
  {
    webhook_sink sink;
    port = sink.port();
    url = sink.url();
  }
  const auto secret = subscribe(api, url, "down.sent").text("/signing_secret");
  const auto made = api.emit(event_body("down.sent", by_external_id("usr_1")));
  REQUIRE(made.number("/fan_out/webhooks_dispatched") == 1);
  server.kill();
  webhook_sink sink{{}, port};
  server.start();
  const auto calls = sink.wait_for(1, seconds{30});
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].json.at("id").as_string() == made.text("/id").c_str());
  CHECK(is_signed_with(calls[0], secret));
}

TEST_CASE_METHOD(with_server, "an http node calls out with its rendered body",
                 "[system][webhook]") {
  webhook_sink sink;
  const auto type = fresh("call.asked.");
  publish(api, R"({"key":")" + fresh("call_")
                 + R"(","status":"active","trigger":{"any":[{"event":")" + type
                 + R"("}]},"entry":"call","nodes":{
      "call":{"type":"http","url":")"
                 + sink.url() + R"(","body":{"id":"{{contact.external_id}}",
        "order":"{{event.properties.order_id}}"},"then":"done"},
      "done":{"type":"exit"}}})");
  const auto who = fresh("usr_");
  api.emit(
    event_body(type, by_external_id(who), R"({"order_id":"ord_8a72c0"})"));
  const auto calls = sink.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  INFO(calls[0].body);
  REQUIRE(calls[0].json.is_object());
  CHECK(calls[0].json.at("id").as_string() == who.c_str());
  CHECK(calls[0].json.at("order").as_string() == "ord_8a72c0");
}

TEST_CASE_METHOD(with_server, "a subscription without a usable URL is refused",
                 "[system][webhook]") {
  for (const auto* url :
       {"", "ftp://example.com/", "example.com", "http://", "javascript:1"}) {
    const auto refused
      = api.post("/v1/webhooks",
                 std::string{R"({"url":")"} + url + R"(","events":["*"]})");
    INFO(url << " " << refused.body);
    CHECK(refused.status == 422);
  }
}
