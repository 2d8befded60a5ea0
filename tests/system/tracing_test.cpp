// W3C Trace Context from a client's event to the calls it causes.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace troupe::test;

namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string parent = "00f067aa0ba902b7";
constexpr std::chrono::seconds patience{20};

class traced : protected with_server {
protected:
  api_answer emit(const header_list& headers) {
    return api.post("/v1/events", event_body(type, by_external_id(who)),
                    headers);
  }

  std::string type = fresh("traced.");
  std::string who = fresh("usr_");
};

} // namespace

TEST_CASE_METHOD(
  traced,
  "an event's trace goes on in its webhooks and http calls, each "
  "a call of its own",
  "[system][tracing]") {
  webhook_sink sink{[](std::size_t number) {
    return number == 0 ? 500 : 200;
  }};
  subscribe(api, sink.url(), type);
  publish(api, R"({"key":")" + fresh("traced-")
                 + R"(","status":"active","trigger":{"any":[{"event":")" + type
                 + R"("}]},"entry":"call","nodes":{
    "call":{"type":"http","url":")"
                 + sink.url() + R"(","body":{},"then":"done"},
    "done":{"type":"exit"}}})");
  const auto made = emit({{"traceparent", "00-" + trace + "-" + parent + "-01"},
                          {"tracestate", "rojo=00f067aa0ba902b7"},
                          {"TraceState", "congo=t61rcWkgMzE"}});
  REQUIRE(made.status == 200);
  const auto shown = event_of(api, made);
  INFO(shown.body);
  CHECK(shown.text("/trace_id") == trace);
  const auto calls = sink.wait_for(3, patience); // one comes twice
  REQUIRE(calls.size() == 3);
  std::set<std::string> parents{parent};
  for (const auto& call : calls) {
    const auto sent = call.headers.at("traceparent");
    INFO(sent);
    REQUIRE(sent.size() == 55);
    CHECK(sent.starts_with("00-" + trace + "-"));
    CHECK(sent.ends_with("-01"));
    parents.insert(sent.substr(36, 16));
    CHECK(call.headers.at("tracestate")
          == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  }
  CHECK(parents.size() == 4);
}

TEST_CASE_METHOD(traced, "an event without a trace begins none",
                 "[system][tracing]") {
  webhook_sink sink;
  subscribe(api, sink.url(), type);
  const auto made = emit({{"tracestate", "rojo=1"}});
  REQUIRE(made.status == 200);
  CHECK_FALSE(event_of(api, made).has("/trace_id"));
  const auto calls = sink.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  CHECK_FALSE(calls[0].headers.contains("traceparent"));
  CHECK_FALSE(calls[0].headers.contains("tracestate"));
}

TEST_CASE_METHOD(traced, "a trace context that is not valid is ignored",
                 "[system][tracing]") {
  const std::string good = "00-" + trace + "-" + parent + "-01";
  for (const auto& bad :
       {std::string{"x"}, "ff-" + trace + "-" + parent + "-01",
        "00-" + std::string(32, '0') + "-" + parent + "-01",
        "00-" + trace + "-" + std::string(16, '0') + "-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + parent + "-01", good + "-more",
        "00_" + trace + "-" + parent + "-01",
        "00-" + trace + "-" + parent + "-0g", good.substr(0, 54)}) {
    INFO(bad);
    const auto made = emit({{"traceparent", bad}});
    CHECK(made.status == 200);
    CHECK_FALSE(event_of(api, made).has("/trace_id"));
  }
  const auto twice = emit({{"traceparent", good}, {"traceparent", good}});
  CHECK_FALSE(event_of(api, twice).has("/trace_id"));
  // A later version may say more.
  const auto later
    = emit({{"traceparent", "cc-" + trace + "-" + parent + "-01-what"}});
  CHECK(event_of(api, later).text("/trace_id") == trace);
  const auto state = emit(
    {{"traceparent", good}, {"tracestate", std::string(600, 'x') + "=1"}});
  CHECK(event_of(api, state).text("/trace_id") == trace);
}

TEST_CASE("a trace is stored with its event", "[system][tracing]") {
  troupe_server server;
  auto api = server.client();
  const auto made
    = api.post("/v1/events", event_body("traced.kept", by_external_id("usr_1")),
               {{"traceparent", "00-" + trace + "-" + parent + "-00"}});
  REQUIRE(made.status == 200);
  server.kill();
  server.start();
  auto after = server.client();
  CHECK(event_of(after, made).text("/trace_id") == trace);
}
