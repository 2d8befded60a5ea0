// What became of deliveries, and having them made again, by the API.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <set>

using namespace troupe::test;

namespace {

using std::chrono::seconds;

constexpr seconds patience{20};

class deliveries : protected with_server {
protected:
  std::string hook_for(const webhook_sink& sink, const std::string& event) {
    return subscribe(api, sink.url(), event).text("/id");
  }

  api_answer emit(const std::string& event, const std::string& who) {
    return api.emit(event_body(event, by_external_id(who)));
  }

  api_answer list(const std::string& hook, const std::string& query = {}) {
    return api.get("/v1/webhooks/" + hook + "/deliveries" + query);
  }

  /// The newest delivery once it has the status.
  api_answer newest(const std::string& hook, const std::string& status) {
    api_answer page;
    eventually([&] {
      page = list(hook);
      return page.text("/data/0/status") == status;
    });
    return page;
  }

  api_answer shown(const std::string& id) {
    return api.get("/v1/deliveries/" + id);
  }
};

} // namespace

TEST_CASE_METHOD(deliveries,
                 "G69 a delivery shows its attempts: what was sent, what was "
                 "answered, how long it took, and no secret",
                 "[system][delivery]") {
  webhook_sink sink;
  const auto type = fresh("delivery.sent.");
  const auto made = subscribe(api, sink.url(), type);
  const auto who = fresh("usr_");
  const auto event = emit(type, who);
  const auto page = newest(made.text("/id"), "delivered");
  INFO(page.body);
  REQUIRE(page.at("/data").as_array().size() == 1);
  CHECK(page.at("/has_more") == false);
  CHECK(page.text("/data/0/event") == event.text("/id"));
  CHECK(page.number("/data/0/attempts/0/status_code") == 200);
  CHECK_FALSE(page.has("/data/0/attempts/0/request"));
  const auto calls = sink.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  const auto id = page.text("/data/0/id");
  CHECK(calls[0].headers.at("webhook-id") == id);
  const auto one = shown(id);
  INFO(one.body);
  REQUIRE(one.status == 200);
  CHECK(one.text("/id") == id);
  CHECK(one.text("/endpoint") == made.text("/id"));
  CHECK(one.number("/contact_seq") == 1);
  CHECK(one.at("/previous").is_null());
  CHECK(one.text("/status") == "delivered");
  CHECK(one.text("/attempts/0/request/body") == calls[0].body);
  CHECK(one.text("/attempts/0/request/headers/content-type")
        == "application/json");
  CHECK(one.has("/attempts/0/response/headers"));
  CHECK(one.has("/attempts/0/response/body"));
  CHECK(one.number("/attempts/0/timings_ms/total") >= 0);
  CHECK_FALSE(one.has("/next_attempt_at"));
  CHECK(one.body.find("webhook-signature") == std::string::npos);
  CHECK(one.body.find(made.text("/signing_secret")) == std::string::npos);
  emit(type, fresh("usr_"));
  emit(type, who);
  REQUIRE(sink.wait_for(3, patience).size() == 3);
  const auto latest = newest(made.text("/id"), "delivered");
  const auto second = shown(latest.text("/data/0/id"));
  CHECK(second.number("/contact_seq") == 2);
  CHECK(second.text("/previous") == id);
}

TEST_CASE_METHOD(deliveries,
                 "G69 deliveries are listed newest first, a page at a time, "
                 "each once, by status and time",
                 "[system][delivery]") {
  webhook_sink sink{[](std::size_t number) {
    return number % 2 == 0 ? 200 : 410;
  }};
  const auto type = fresh("delivery.paged.");
  const auto hook = hook_for(sink, type);
  std::vector<std::string> events;
  events.push_back(emit(type, fresh("usr_")).text("/id"));
  REQUIRE(newest(hook, "delivered").status == 200);
  for (int i = 0; i < 6; ++i)
    events.insert(events.begin(), emit(type, fresh("usr_")).text("/id"));
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const auto page = list(hook, "?limit=2" + cursor);
    INFO(page.body);
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      seen.emplace_back(each.at("event").as_string());
    cursor = page.at("/has_more") == true
               ? "&cursor=" + page.text("/next_cursor")
               : std::string{};
  } while (!cursor.empty());
  CHECK(seen == events);
  const auto delivered = list(hook, "?status=delivered");
  INFO(delivered.body);
  for (const auto& each : delivered.at("/data").as_array())
    CHECK(each.at("status") == "delivered");
  CHECK(delivered.text(
          "/data/" + std::to_string(delivered.at("/data").as_array().size() - 1)
          + "/event")
        == events.back());
  CHECK(
    list(hook, "?until=2020-01-01T00:00:00Z").at("/data").as_array().empty());
  CHECK(list(hook, "?since=2020-01-01T00:00:00Z").at("/data").as_array().size()
        == 7);
  CHECK(list(hook, "?status=lost").status == 422);
  CHECK(list(hook, "?status=lost").text("/errors/0/pointer") == "/status");
  CHECK(list(hook, "?sort=up").code() == "query_parameter_unknown");
  CHECK(list(hook, "?limit=0").status == 422);
  CHECK(list(hook, "?cursor=cur_0").code() == "cursor_invalid");
}

TEST_CASE_METHOD(deliveries,
                 "a delivery that arrived is made again with the same id; the "
                 "audit log says by whom",
                 "[system][delivery]") {
  webhook_sink sink;
  const auto type = fresh("delivery.again.");
  const auto hook = hook_for(sink, type);
  emit(type, fresh("usr_"));
  const auto id = newest(hook, "delivered").text("/data/0/id");
  const auto again = api.post("/v1/deliveries/" + id + "/replay", "");
  INFO(again.body);
  REQUIRE(again.status == 202);
  CHECK(again.text("/id") == id);
  CHECK(again.text("/status") == "pending");
  const auto calls = sink.wait_for(2, patience);
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].headers.at("webhook-id") == calls[1].headers.at("webhook-id"));
  CHECK(calls[0].body == calls[1].body);
  CHECK(eventually([&] {
    const auto one = shown(id);
    return one.text("/status") == "delivered"
           && one.at("/attempts").as_array().size() == 2;
  }));
  const auto log = api.get("/v1/audit-log?action=delivery.replayed&limit=1");
  INFO(log.body);
  CHECK(log.text("/data/0/subject") == id);
  CHECK(log.text("/data/0/actor/key").starts_with("key_"));
  CHECK(log.text("/data/0/details/webhook") == hook);
}

TEST_CASE_METHOD(deliveries, "a delivery under way is not made twice at once",
                 "[system][delivery]") {
  std::atomic<bool> open = false;
  webhook_sink sink{[&](std::size_t number) {
    for (int i = 0; number == 1 && i < 3000 && !open; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    return 200;
  }};
  const auto type = fresh("delivery.slow.");
  const auto hook = hook_for(sink, type);
  emit(type, fresh("usr_"));
  const auto id = newest(hook, "delivered").text("/data/0/id");
  const auto path = "/v1/deliveries/" + id + "/replay";
  REQUIRE(api.post(path, "").status == 202);
  api_answer refused;
  // The receiver has it and does not answer yet.
  CHECK(eventually([&] {
    refused = api.post(path, "");
    return refused.status == 409;
  }));
  CHECK(refused.code() == "delivery_under_way");
  open = true;
  CHECK(newest(hook, "delivered").status == 200);
}

TEST_CASE_METHOD(deliveries,
                 "what failed at an endpoint is made again in pages, and the "
                 "schedule of retries begins anew",
                 "[system][delivery]") {
  std::atomic<bool> gone = true;
  webhook_sink sink{[&](std::size_t) {
    return gone ? 400 : 200;
  }};
  const auto type = fresh("delivery.range.");
  const auto hook = hook_for(sink, type);
  for (int i = 0; i < 3; ++i)
    emit(type, fresh("usr_"));
  REQUIRE(sink.wait_for(3, patience).size() == 3);
  const auto replay = [&](const std::string& body) {
    return api.post("/v1/webhooks/" + hook + "/replay", body);
  };
  CHECK(eventually([&] {
    return list(hook, "?status=pending")
             .number("/data/0/attempts/0/status_code")
           == 400;
  }));
  CHECK(replay("{}").code() == "replay_filter_required");
  CHECK(replay(R"({"stauts":"failed"})").code() == "field_unknown");
  CHECK(replay(R"({"status":"lost"})").status == 422);
  CHECK(replay(R"({"status":"failed"})").number("/replayed") == 0);
  gone = false;
  std::int64_t replayed = 0;
  std::string cursor;
  do {
    const auto done = replay(
      R"({"since":"2020-01-01T00:00:00Z","limit":2)"
      + (cursor.empty() ? cursor : R"(,"cursor":")" + cursor + "\"") + "}");
    INFO(done.body);
    REQUIRE(done.status == 202);
    replayed += done.number("/replayed");
    cursor = done.text("/next_cursor");
    CHECK((done.at("/has_more") == true) == !cursor.empty());
  } while (!cursor.empty());
  CHECK(replayed == 3);
  // Sooner than the first retry of the schedule could be is not asserted.
  CHECK(sink.wait_for(6, patience).size() == 6);
  CHECK(eventually([&] {
    return list(hook, "?status=delivered").at("/data").as_array().size() == 3;
  }));
  const auto log = api.get("/v1/audit-log?action=webhook.replayed&limit=1");
  CHECK(log.text("/data/0/subject") == hook);
}

TEST_CASE_METHOD(deliveries,
                 "what a paused endpoint would get is held and listed",
                 "[system][delivery]") {
  webhook_sink sink;
  const auto type = fresh("delivery.held.");
  const auto made
    = api.post("/v1/webhooks", R"({"url":")" + sink.url() + R"(","events":[")"
                                 + type + R"("],"status":"paused"})");
  REQUIRE(made.status == 201);
  const auto hook = made.text("/id");
  REQUIRE(emit(type, fresh("usr_")).number("/fan_out/webhooks_dispatched")
          == 1);
  const auto held = list(hook, "?status=held");
  INFO(held.body);
  REQUIRE(held.at("/data").as_array().size() == 1);
  CHECK(held.text("/data/0/status") == "held");
  CHECK(held.at("/data/0/attempts").as_array().empty());
  CHECK(list(hook, "?status=pending").at("/data").as_array().empty());
  const auto id = held.text("/data/0/id");
  CHECK(shown(id).text("/status") == "held");
  const auto again = api.post("/v1/deliveries/" + id + "/replay", "");
  CHECK(again.status == 202);
  CHECK(again.text("/status") == "held");
  REQUIRE(api.send("DELETE", "/v1/webhooks/" + hook, "", {}).status < 300);
  CHECK(shown(id).text("/status") == "held");
  CHECK(api.post("/v1/deliveries/" + id + "/replay", "").code()
        == "webhook_removed");
}

TEST_CASE_METHOD(deliveries,
                 "deliveries of another workspace, and what is none, are not "
                 "found; replays need the scope manage",
                 "[system][delivery]") {
  webhook_sink sink;
  const auto type = fresh("delivery.mine.");
  const auto hook = hook_for(sink, type);
  emit(type, fresh("usr_"));
  const auto id = newest(hook, "delivered").text("/data/0/id");
  tenant other{api};
  CHECK(other.api.get("/v1/deliveries/" + id).code() == "delivery_not_found");
  CHECK(other.api.get("/v1/webhooks/" + hook + "/deliveries").status == 404);
  CHECK(other.api.post("/v1/deliveries/" + id + "/replay", "").status == 404);
  CHECK(
    other.api.post("/v1/webhooks/" + hook + "/replay", R"({"status":"failed"})")
      .status
    == 404);
  CHECK(list("whe_nobody").code() == "webhook_not_found");
  CHECK(shown("dlv_00000000000000000000000000").status == 404);
  CHECK(shown(id + "0").status == 404);
  const auto reader
    = api.post("/v1/keys", R"({"name":"r","scopes":["events:read"]})");
  api_client reading{shared_server().port(), reader.text("/key")};
  CHECK(reading.get("/v1/deliveries/" + id).status == 200);
  CHECK(reading.post("/v1/deliveries/" + id + "/replay", "").status == 403);
}

TEST_CASE("a replayed delivery that failed comes again after a crash",
          "[system][delivery]") {
  troupe_server server;
  auto api = server.client();
  webhook_sink sink{[](std::size_t number) {
    return number == 1 ? 500 : 200;
  }};
  const auto hook = subscribe(api, sink.url(), "crash.sent").text("/id");
  api.emit(event_body("crash.sent", by_external_id("usr_1")));
  std::string id;
  REQUIRE(eventually([&] {
    const auto page = api.get("/v1/webhooks/" + hook + "/deliveries");
    id = page.text("/data/0/id");
    return page.text("/data/0/status") == "delivered";
  }));
  REQUIRE(api.post("/v1/deliveries/" + id + "/replay", "").status == 202);
  REQUIRE(sink.wait_for(2, patience).size() == 2);
  server.kill(); // the attempt may be recorded or not
  server.start();
  auto after = server.client();
  const auto calls = sink.wait_for(3, seconds{30});
  REQUIRE(calls.size() == 3);
  CHECK(calls[2].headers.at("webhook-id") == id);
  CHECK(eventually([&] {
    return after.get("/v1/deliveries/" + id).text("/status") == "delivered";
  }));
}
