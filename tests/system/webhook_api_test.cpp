// Webhook endpoints by the API: shown, changed, paused, removed.
#include "tests/system/webhook_endpoints.hpp"

#include <set>

using namespace troupe::test;

TEST_CASE_METHOD(webhooks,
                 "G66 an endpoint is shown with how its deliveries went, its "
                 "secret masked",
                 "[system][webhook_api]") {
  steered_sink to{500};
  const auto id = made(to.sink.url(), type);
  auto now = shown(id);
  INFO(now.body);
  CHECK(now.text("/url") == to.sink.url());
  CHECK(now.text("/events/0") == type);
  CHECK(now.text("/status") == "active");
  CHECK(now.at("/last_delivery_at").is_null());
  CHECK(now.at("/last_status").is_null());
  CHECK(now.number("/consecutive_failures") == 0);
  CHECK(now.body.find(secret) == std::string::npos);
  emit();
  CHECK(eventually([&] {
    return shown(id).number("/consecutive_failures") == 1;
  }));
  emit();
  CHECK(eventually([&] {
    return shown(id).number("/consecutive_failures") >= 2;
  }));
  CHECK(shown(id).number("/last_status") == 500);
  to.status = 204;
  emit();
  CHECK(eventually([&] {
    return shown(id).number("/last_status") == 204;
  }));
  now = shown(id);
  CHECK(now.number("/consecutive_failures") == 0);
  CHECK(now.text("/last_delivery_at").size() > 10);
}

TEST_CASE_METHOD(webhooks,
                 "the list of endpoints has each once, without "
                 "secrets",
                 "[system][webhook_api]") {
  std::set<std::string> mine;
  for (int i = 0; i < 3; ++i)
    mine.insert(made("http://127.0.0.1:1/", fresh("nothing.")));
  std::set<std::string> seen;
  std::string cursor;
  do {
    const auto page
      = api.get("/v1/webhooks?limit=2"
                + (cursor.empty() ? std::string{} : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    CHECK(page.body.find(secret) == std::string::npos);
    for (const auto& each : page.at("/data").as_array())
      CHECK(seen.insert(std::string{each.at("id").as_string()}).second);
    cursor = page.text("/next_cursor");
  } while (!cursor.empty());
  for (const auto& each : mine)
    CHECK(seen.contains(each));
}

TEST_CASE_METHOD(webhooks,
                 "a changed URL, event list and filter hold for events from "
                 "the answer on",
                 "[system][webhook_api]") {
  webhook_sink before;
  webhook_sink after;
  const auto id = made(before.url(), type);
  emit();
  REQUIRE(before.wait_for(1, patience).size() == 1);
  const auto other = fresh("webhook.other.");
  const auto changed
    = change(id, R"({"url":")" + after.url() + R"(","events":[")" + other
                   + R"("],"description":"moved","filter":{"==":[
                   {"var":"event.properties.plan"},"pro"]}})");
  INFO(changed.body);
  REQUIRE(changed.status == 200);
  CHECK(changed.text("/url") == after.url());
  CHECK(changed.text("/description") == "moved");
  CHECK_FALSE(changed.has("/disabled_at"));
  CHECK(emit().number("/fan_out/webhooks_dispatched") == 0);
  const auto who = by_external_id(fresh("usr_"));
  CHECK(api.emit(event_body(other, who, R"({"plan":"free"})"))
          .number("/fan_out/webhooks_dispatched")
        == 0);
  const auto sent = api.emit(event_body(other, who, R"({"plan":"pro"})"));
  CHECK(sent.number("/fan_out/webhooks_dispatched") == 1);
  const auto calls = after.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  CHECK(events_of(calls) == std::set{sent.text("/id")});
  CHECK(is_signed_with(calls[0], secret));
  CHECK_FALSE(
    change(id, R"({"filter":null,"description":null})").has("/filter"));
  CHECK(before.wait_for(1, std::chrono::seconds{0}).size() == 1);
}

TEST_CASE_METHOD(webhooks,
                 "a paused endpoint is sent nothing; what was held comes when "
                 "it is active again",
                 "[system][webhook_api]") {
  webhook_sink sink;
  webhook_sink witness;
  const auto id = made(sink.url(), type);
  made(witness.url(), type);
  CHECK(change(id, R"({"status":"paused"})").text("/status") == "paused");
  std::set<std::string> held;
  for (int i = 0; i < 5; ++i) {
    const auto sent = emit();
    CHECK(sent.number("/fan_out/webhooks_dispatched") == 2);
    held.insert(sent.text("/id"));
  }
  REQUIRE(witness.wait_for(5, patience).size() == 5);
  CHECK(sink.wait_for(1, std::chrono::seconds{0}).empty());
  CHECK(change(id, R"({"status":"active"})").text("/status") == "active");
  CHECK(events_of(sink.wait_for(5, patience)) == held);
}

TEST_CASE("what was held outlives the process", "[system][webhook_api]") {
  troupe_server server;
  auto api = server.client();
  webhook_sink sink;
  const auto id = subscribe(api, sink.url(), "*").text("/id");
  const auto patch = [&id](api_client& by, const std::string& body) {
    return by.send("PATCH", "/v1/webhooks/" + id, body,
                   {{"Content-Type", "application/json"}});
  };
  REQUIRE(patch(api, R"({"status":"paused"})").status == 200);
  std::set<std::string> held;
  for (int i = 0; i < 3; ++i)
    held.insert(
      api.emit(event_body("held.sent", by_external_id("u"))).text("/id"));
  server.kill();
  server.start();
  auto later = server.client();
  CHECK(later.get("/v1/webhooks/" + id).text("/status") == "paused");
  REQUIRE(patch(later, R"({"status":"active"})").status == 200);
  CHECK(events_of(sink.wait_for(3, patience)) == held);
}

TEST_CASE_METHOD(webhooks,
                 "a removed endpoint takes no events and what was pending is "
                 "not sent",
                 "[system][webhook_api]") {
  webhook_sink sink;
  webhook_sink witness;
  const auto id = made(sink.url(), type);
  REQUIRE(change(id, R"({"status":"paused"})").status == 200);
  emit();
  const auto removed = api.send("DELETE", "/v1/webhooks/" + id, "", {});
  INFO(removed.body);
  CHECK(removed.status == 200);
  CHECK(removed.at("/deleted").as_bool());
  CHECK(shown(id).code() == "webhook_not_found");
  CHECK(change(id, R"({"status":"active"})").code() == "webhook_not_found");
  CHECK(api.send("DELETE", "/v1/webhooks/" + id, "", {}).status == 404);
  CHECK(api.get("/v1/webhooks?limit=200").body.find(id) == std::string::npos);
  made(witness.url(), type);
  CHECK(emit().number("/fan_out/webhooks_dispatched") == 1);
  REQUIRE(witness.wait_for(1, patience).size() == 1);
  CHECK(sink.wait_for(1, std::chrono::seconds{0}).empty());
  const auto log = api.get("/v1/audit-log?action=webhook.deleted&limit=1");
  CHECK(log.text("/data/0/subject") == id);
}

TEST_CASE_METHOD(webhooks,
                 "what is wrong with a change is said, and nothing "
                 "changes",
                 "[system][webhook_api]") {
  const auto id = made("http://127.0.0.1:1/", type);
  const auto before = shown(id).body;
  const auto refused = [&](const std::string& body, const char* pointer) {
    const auto answer = change(id, body);
    INFO(body << " " << answer.body);
    CHECK(answer.status == 422);
    CHECK(answer.text("/errors/0/pointer") == pointer);
  };
  refused(R"({"url":"ftp://x"})", "/url");
  refused(R"({"url":1})", "/url");
  refused(R"({"events":[]})", "/events");
  refused(R"({"events":["a",1]})", "/events/1");
  refused(R"({"events":["a.*","*.b"]})", "/events/1");
  refused(R"({"events":["a*"]})", "/events/0");
  refused(R"({"filter":{"nothing":[]}})", "/filter/nothing");
  refused(R"({"status":"disabled"})", "/status");
  refused(R"({"description":7})", "/description");
  refused(R"({"secret":"whsec_x"})", "/secret");
  CHECK(change(id, "[]").status == 422);
  CHECK(shown(id).body == before);
  CHECK(change(id, "{}").status == 200);
  CHECK(
    api.post("/v1/webhooks", R"({"events":["*"]})").text("/errors/0/pointer")
    == "/url");
  CHECK(api.post("/v1/webhooks", R"({"url":"http://127.0.0.1:1/"})")
          .text("/errors/0/pointer")
        == "/events");
  CHECK(api
          .post("/v1/webhooks",
                R"({"url":"http://127.0.0.1:1/","events":["*"],
                     "signature":"odd"})")
          .text("/errors/0/pointer")
        == "/signature");
}
