// Webhook endpoints in use: their secrets, a trial, and when they are disabled.
#include "tests/system/webhook_endpoints.hpp"

using namespace troupe::test;

TEST_CASE_METHOD(webhooks,
                 "a rotated secret signs from the answer on, beside the former "
                 "one for a day",
                 "[system][webhook_use]") {
  webhook_sink sink;
  const auto id = made(sink.url(), type);
  const auto rotated = api.post("/v1/webhooks/" + id + "/rotate", "");
  INFO(rotated.body);
  REQUIRE(rotated.status == 200);
  const auto newest = rotated.text("/signing_secret");
  CHECK(newest.starts_with("whsec_"));
  CHECK(newest != secret);
  CHECK(rotated.text("/previous_valid_until").size() > 10);
  CHECK(shown(id).text("/previous_valid_until")
        == rotated.text("/previous_valid_until"));
  emit();
  const auto calls = sink.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  CHECK(is_signed_with(calls[0], newest));
  CHECK(is_signed_with(calls[0], secret));
  const auto again
    = api.post("/v1/webhooks/" + id + "/rotate", "").text("/signing_secret");
  emit();
  const auto next = sink.wait_for(2, patience);
  REQUIRE(next.size() == 2);
  CHECK(is_signed_with(next[1], again));
  CHECK(is_signed_with(next[1], newest));
  CHECK_FALSE(is_signed_with(next[1], secret));
  CHECK(api.post("/v1/webhooks/whe_nobody/rotate", "").status == 404);
}

TEST_CASE("a former secret signs no more after a day",
          "[system][webhook_use]") {
  troupe_server server;
  auto api = server.client();
  webhook_sink sink;
  const auto made = subscribe(api, sink.url(), "*");
  const auto newest
    = api.post("/v1/webhooks/" + made.text("/id") + "/rotate", "")
        .text("/signing_secret");
  server.kill();
  server.start(std::chrono::minutes{25 * 60});
  auto later = server.client();
  REQUIRE(later.emit(event_body("a.b", by_external_id("u"))).status == 200);
  const auto calls = sink.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  CHECK(is_signed_with(calls[0], newest));
  CHECK_FALSE(is_signed_with(calls[0], made.text("/signing_secret")));
  CHECK_FALSE(
    later.get("/v1/webhooks/" + made.text("/id")).has("/previous_valid_until"));
}

TEST_CASE_METHOD(webhooks,
                 "an endpoint is tried out with one signed delivery, and the "
                 "answer says what came of it",
                 "[system][webhook_use]") {
  steered_sink to{200};
  const auto id = made(to.sink.url(), type);
  auto tried = api.post("/v1/webhooks/" + id + "/test", "");
  INFO(tried.body);
  CHECK(tried.status == 200);
  CHECK(tried.at("/delivered").as_bool());
  CHECK(tried.number("/status_code") == 200);
  const auto calls = to.sink.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].json.at("type").as_string() == "webhook.test");
  CHECK(is_signed_with(calls[0], secret));
  to.status = 404;
  tried = api.post("/v1/webhooks/" + id + "/test", "");
  CHECK_FALSE(tried.at("/delivered").as_bool());
  CHECK(tried.number("/status_code") == 404);
  // It counts for nothing, and works on a paused endpoint too.
  CHECK(shown(id).number("/consecutive_failures") == 0);
  REQUIRE(change(id, R"({"status":"paused"})").status == 200);
  CHECK(api.post("/v1/webhooks/" + id + "/test", "").number("/status_code")
        == 404);
  CHECK(to.sink.wait_for(3, patience).size() == 3);
  std::string nobody;
  {
    webhook_sink gone;
    nobody = gone.url();
  }
  tried = api.post("/v1/webhooks/" + made(nobody, type) + "/test", "");
  INFO(tried.body);
  CHECK_FALSE(tried.at("/delivered").as_bool());
  CHECK_FALSE(tried.text("/error").empty());
  CHECK(api.post("/v1/webhooks/whe_nobody/test", "").code()
        == "webhook_not_found");
}

TEST_CASE_METHOD(webhooks,
                 "W12 an endpoint that answers 410 is disabled at once and "
                 "keeps what follows until it is active again",
                 "[system][webhook_use]") {
  steered_sink to{410};
  const auto id = made(to.sink.url(), type);
  emit();
  REQUIRE(eventually([&] {
    return shown(id).text("/status") == "disabled";
  }));
  const auto now = shown(id);
  INFO(now.body);
  CHECK(now.text("/disabled_at").size() > 10);
  CHECK(now.text("/disabled_reason").find("410") != std::string::npos);
  const auto held = emit();
  CHECK(held.number("/fan_out/webhooks_dispatched") == 1);
  to.status = 200;
  const auto active = change(id, R"({"status":"active"})");
  CHECK(active.text("/status") == "active");
  CHECK_FALSE(active.has("/disabled_reason"));
  CHECK(active.number("/consecutive_failures") == 0);
  const auto calls = to.sink.wait_for(2, patience);
  REQUIRE(calls.size() == 2);
  CHECK(events_of(calls).contains(held.text("/id")));
  const auto log = api.get("/v1/audit-log?action=webhook.disabled&limit=1");
  CHECK(log.text("/data/0/subject") == id);
}

TEST_CASE("W12 an endpoint without one success in five days is disabled, and "
          "counts anew once it is active again",
          "[system][webhook_use]") {
  troupe_server server;
  auto api = server.client();
  webhook_sink sink{[](std::size_t) {
    return 500;
  }};
  const auto id = subscribe(api, sink.url(), "*").text("/id");
  const auto shown = [&id](api_client& by) {
    return by.get("/v1/webhooks/" + id);
  };
  api.emit(event_body("a.b", by_external_id("u")));
  REQUIRE(eventually([&] {
    return shown(api).number("/consecutive_failures") == 1;
  }));
  server.kill();
  server.start(std::chrono::minutes{(5 * 24 - 1) * 60});
  auto early = server.client();
  early.emit(event_body("a.b", by_external_id("u")));
  REQUIRE(eventually([&] {
    return shown(early).number("/consecutive_failures") >= 3;
  }));
  CHECK(shown(early).text("/status") == "active");
  server.kill();
  server.start(std::chrono::minutes{(5 * 24 + 1) * 60});
  auto late = server.client();
  late.emit(event_body("a.b", by_external_id("u")));
  REQUIRE(eventually([&] {
    return shown(late).text("/status") == "disabled";
  }));
  CHECK(shown(late).text("/disabled_reason").find("5 days")
        != std::string::npos);
  REQUIRE(late
            .send("PATCH", "/v1/webhooks/" + id, R"({"status":"active"})",
                  {{"Content-Type", "application/json"}})
            .status
          == 200);
  late.emit(event_body("a.b", by_external_id("u")));
  REQUIRE(eventually([&] {
    return shown(late).number("/consecutive_failures") >= 1;
  }));
  CHECK(shown(late).text("/status") == "active");
}
