// What Prometheus reads.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

// Of a line such as `name{label="x"} 3`.
double figure(const api_answer& page, const std::string& name) {
  const auto at = page.body.find("\n" + name + " ");
  return at == page.body.npos
           ? -1
           : std::strtod(page.body.c_str() + at + name.size() + 2, nullptr);
}

} // namespace

TEST_CASE("metrics count what happened", "[system][metrics]") {
  troupe_server server;
  server.start();
  auto api = server.client();
  api_client anyone{server.port()};
  const auto before = anyone.get("/metrics");
  CHECK(before.header("content-type")
        == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(figure(before, "troupe_events_total") == 0);
  publish(api, R"({"key":"counted","name":"Counted","status":"active",
    "trigger":{"any":[{"event":"thing.counted"}]},"entry":"end",
    "nodes":{"end":{"type":"exit"}}})");
  REQUIRE(api.emit(event_body("thing.counted", by_external_id("usr_1"))).status
          == 200);
  REQUIRE(api.emit("{}").status == 422);
  const auto after = anyone.get("/metrics");
  INFO(after.body);
  CHECK(figure(after, "troupe_events_total") == 1);
  CHECK(figure(after, "troupe_turns_total{kind=\"event\"}") == 1);
  CHECK(figure(after, "troupe_runs_started_total") == 1);
  CHECK(figure(after, "troupe_runs_ended_total{status=\"completed\"}") == 1);
  CHECK(figure(after, "troupe_contacts_awake") == 1);
  CHECK(figure(after, "troupe_commit_turns_count") == 1);
  CHECK(figure(after, "troupe_http_answers_total{status=\"422\"}") == 1);
  CHECK(figure(after, "process_resident_memory_bytes") > 1e6);
  CHECK(figure(after, "process_open_fds") > 3);
  if (server.database() == nullptr) // which has figures of its own
    CHECK(figure(after, "troupe_store_bytes") > 0);
}

TEST_CASE("L2 metrics hold nothing of a person, a key or a workspace",
          "[system][metrics]") {
  auto api = shared_server().client();
  const auto canary = fresh("canary");
  REQUIRE(
    api
      .emit(event_body("thing." + canary, by_email(canary + "@example.com"),
                       R"({"note":")" + canary + "\"}"))
      .status
    == 200);
  api.get("/v1/contacts/email:" + canary + "%40example.com");
  api.get("/" + canary);
  const auto page = api.get("/metrics");
  CHECK(page.body.find("canary") == page.body.npos);
  CHECK(page.body.find("tr_live_") == page.body.npos);
  CHECK(page.body.find("ws_") == page.body.npos);
}

TEST_CASE("clients 5: a key that is not known is counted by door and reason",
          "[system][metrics]") {
  troupe_server server;
  auto api = server.client();
  api_client stranger{server.port(), "tr_live_nothing_of_the_kind"};
  REQUIRE(stranger.post("/v1/t", R"({"event":"a","userId":"u"})").status
          == 401);
  REQUIRE(api.post("/v1/t", R"({"event":"a"})").status == 200);
  const auto page = api_client{server.port()}.get("/metrics");
  INFO(page.body);
  const auto of = [&](const std::string& reason) {
    return figure(page, "troupe_rejected_total{door=\"segment\",reason=\""
                          + reason + "\"}");
  };
  CHECK(of("unknown_key") == 1);
  CHECK(of("contact_required") == 1);
}
