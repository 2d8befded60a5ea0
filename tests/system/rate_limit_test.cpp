// Rate limits, admission and CORS over the real socket. Rules with a clock of
// their own are in tests/http/request_limits_test.cpp.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace troupe::test;

namespace {

class limited : protected with_server {
protected:
  limited() {
    const auto made = api.post("/v1/workspaces", R"({"name":"limited"})");
    REQUIRE(made.status == 201);
    id = made.text("/id");
    own = api_client{shared_server().port(), made.text("/key")};
  }

  void limit(const std::string& rules) {
    const auto done = own.send("PATCH", "/v1/workspaces/" + id,
                               R"({"rate_limits":)" + rules + "}",
                               {{"Content-Type", "application/json"}});
    INFO(done.body);
    REQUIRE(done.status == 200);
  }

  api_client key_of(const std::string& kind) {
    const auto made
      = own.post("/v1/keys", R"({"name":"k","scopes":["events:write"],"kind":")"
                               + kind + R"("})");
    INFO(made.body);
    REQUIRE(made.status == 201);
    return api_client{shared_server().port(), made.text("/key")};
  }

  static api_answer emit(api_client& by, const std::string& key = {}) {
    return by.emit(event_body("limit.sent", by_external_id("usr_limit")), key);
  }

  std::string id;
  api_client own{0};
};

} // namespace

TEST_CASE_METHOD(limited,
                 "G76 a key over its limit is 429 key_rate_limit and what it "
                 "sent is not stored",
                 "[system][rate_limit]") {
  auto sender = key_of("secret");
  CHECK(emit(sender).header("x-ratelimit-limit").empty());
  limit(R"({"key":{"per_hour":3}})");
  for (int left = 2; left >= 0; --left) {
    const auto sent = emit(sender);
    CHECK(sent.status == 200);
    CHECK(sent.header("x-ratelimit-limit") == "3");
    CHECK(sent.header("x-ratelimit-remaining") == std::to_string(left));
    CHECK(sent.header("x-ratelimit-scope") == "key");
    CHECK(sent.header("x-ratelimit-reset").ends_with("Z"));
  }
  const auto refused = emit(sender, "rate-1");
  INFO(refused.body);
  CHECK(refused.status == 429);
  CHECK(refused.code() == "key_rate_limit");
  CHECK(refused.text("/error/type") == "rate_limit");
  const auto exact
    = refused.at("/error/retry_after_seconds").to_number<double>();
  CHECK(exact > 3500);
  const auto told = std::stod(refused.header("retry-after"));
  CHECK(told >= exact);
  CHECK(told < exact + 1);
  CHECK(refused.header("x-ratelimit-remaining") == "0");
  limit(R"("none")");
  const auto later = emit(sender, "rate-1");
  CHECK(later.status == 200);
  CHECK(later.header("idempotent-replay").empty());
  CHECK(own.get("/v1/events").at("/data").as_array().size() == 5);
}

TEST_CASE_METHOD(limited,
                 "G76 refusals of authenticated requests carry the limits too",
                 "[system][rate_limit]") {
  auto sender = key_of("secret");
  limit(R"({"workspace":{"per_hour":1000}})");
  for (const auto& refused :
       {sender.get("/v1/events"), sender.post("/v1/events", "{"),
        own.get("/v1/contacts/external_id:nobody"),
        own.get("/v1/events?limit=0")}) {
    INFO(refused.body);
    CHECK(refused.status >= 400);
    CHECK(refused.header("x-ratelimit-scope") == "workspace");
    CHECK(refused.header("x-ratelimit-limit") == "1000");
  }
}

TEST_CASE_METHOD(limited, "G76 keys of a workspace share its limit",
                 "[system][rate_limit]") {
  auto one = key_of("secret");
  auto two = key_of("secret");
  limit(R"({"workspace":{"per_hour":4}})");
  for (int i = 0; i < 2; ++i) {
    CHECK(emit(one).status == 200);
    CHECK(emit(two).status == 200);
  }
  for (auto* each : {&one, &two, &own}) {
    const auto refused = emit(*each);
    CHECK(refused.status == 429);
    CHECK(refused.code() == "workspace_rate_limit");
  }
  CHECK(emit(api).status == 200); // another workspace
}

TEST_CASE_METHOD(limited, "G73 test keys are free of rate limits",
                 "[system][rate_limit]") {
  auto tester = key_of("test");
  limit(R"({"key":{"per_hour":1},"workspace":{"per_hour":1}})");
  for (int i = 0; i < 5; ++i) {
    const auto sent = emit(tester);
    CHECK(sent.status == 200);
    CHECK(sent.header("x-ratelimit-limit").empty());
  }
}

TEST_CASE_METHOD(limited,
                 "U1 events under way beyond the limit are 429 "
                 "concurrent_writes_exceeded, and later ones pass",
                 "[system][rate_limit]") {
  auto sender = key_of("secret");
  limit(R"({"concurrent_writes":1})");
  const auto made
    = own.post("/v1/keys", R"({"name":"k","scopes":["events:write"]})");
  const auto body = event_body("limit.many", by_external_id("usr_many"));
  const auto request = "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: "
                       "Bearer "
                       + made.text("/key")
                       + "\r\nContent-Type: application/json\r\n"
                         "Content-Length: "
                       + std::to_string(body.size()) + "\r\n\r\n" + body;
  int passed = 0;
  int refused = 0;
  // Sent before any is read: some meet, whatever the machine.
  const auto round = [&] {
    std::vector<troupe::support::raw_client> clients;
    for (int i = 0; i < 32; ++i)
      clients.emplace_back(shared_server().port());
    for (auto& each : clients)
      each.send(request);
    for (auto& each : clients) {
      const auto answer = each.receive();
      passed += answer.status == 200 ? 1 : 0;
      refused += answer.status == 429 ? 1 : 0;
      if (answer.status == 429)
        CHECK(answer.body.find("concurrent_writes_exceeded")
              != std::string::npos);
    }
    return refused > 0;
  };
  CHECK(eventually(round));
  CHECK(passed > 0);
  CHECK(emit(sender).status == 200);
}

TEST_CASE("A4 ten wrong keys a minute are 401, more are 429; good keys pass",
          "[system][rate_limit]") {
  troupe_server server;
  api_client wrong{server.port(), "tr_live_00000000" + std::string(43, 'x')};
  for (int i = 0; i < 10; ++i)
    CHECK(wrong.get("/v1/events").status == 401);
  const auto refused = wrong.get("/v1/events");
  CHECK(refused.status == 429);
  CHECK(refused.code() == "too_many_failures");
  CHECK_FALSE(refused.header("retry-after").empty());
  auto good = server.client();
  CHECK(good.get("/v1/events").status == 200);
  api_client nobody{server.port()};
  CHECK(nobody.get("/v1/events").status == 401);
  CHECK(eventually([&] {
    return server.errors().find("invalid_api_key") != std::string::npos;
  }));
  CHECK(server.errors().find("xxxxxxxx") == std::string::npos);
}

TEST_CASE_METHOD(limited,
                 "a browser may send events with a write key from any origin",
                 "[system][rate_limit][cors]") {
  api_client nobody{shared_server().port()};
  const header_list origin{{"Origin", "https://shop.example"}};
  const auto asked = nobody.send("OPTIONS", "/v1/events", "",
                                 {{"Origin", "https://shop.example"},
                                  {"Access-Control-Request-Method", "POST"}});
  CHECK(asked.status == 204);
  CHECK(asked.header("access-control-allow-origin") == "*");
  CHECK(asked.header("access-control-allow-methods") == "POST");
  const auto allowed = asked.header("access-control-allow-headers");
  for (const auto* field : {"Authorization", "Content-Type", "Idempotency-Key"})
    CHECK(allowed.find(field) != std::string::npos);
  CHECK(std::stoi(asked.header("access-control-max-age")) > 0);
  CHECK(asked.header("access-control-allow-credentials").empty());
  auto browser = key_of("write");
  const auto body = event_body("cors.sent", by_external_id("usr_cors"));
  for (const auto& answer : {browser.post("/v1/events", body, origin),
                             browser.post("/v1/events", "{", origin),
                             browser.get("/v1/events", origin)}) {
    CHECK(answer.header("access-control-allow-origin") == "*");
    const auto exposed = answer.header("access-control-expose-headers");
    for (const auto* field : {"Idempotent-Replay", "X-Request-Id",
                              "X-RateLimit-Remaining", "Retry-After"})
      CHECK(exposed.find(field) != std::string::npos);
  }
  CHECK(browser.get("/v1/events", origin).status == 403);
  limit(R"({"key":{"per_hour":1}})");
  browser.post("/v1/events", body, origin);
  const auto refused = browser.post("/v1/events", body, origin);
  CHECK(refused.status == 429);
  CHECK(refused.header("access-control-allow-origin") == "*");
}

TEST_CASE_METHOD(limited, "nothing else is open to pages of other origins",
                 "[system][rate_limit][cors]") {
  const header_list origin{{"Origin", "https://shop.example"}};
  auto browser = key_of("write");
  const auto body = event_body("cors.sent", by_external_id("usr_cors"));
  for (const auto& answer :
       {own.post("/v1/events", body, origin), own.get("/v1/events", origin),
        browser.post("/v1/events", body),
        api_client{shared_server().port()}.get("/v1/events", origin)})
    CHECK(answer.header("access-control-allow-origin").empty());
  for (const auto* path : {"/v1/keys", "/v1/contacts/email:a@b.c"}) {
    const auto refused = own.send("OPTIONS", path, "", origin);
    CHECK(refused.status == 405);
    CHECK_FALSE(refused.header("allow").empty());
    CHECK(refused.header("access-control-allow-origin").empty());
  }
}

TEST_CASE_METHOD(limited,
                 "G76 a refusal that the connection itself gives has the "
                 "fields, too",
                 "[system][rate_limit]") {
  limit(R"("genieos")");
  const auto made = own.post(
    "/v1/keys", R"({"name":"k","scopes":["events:write"],"kind":"write"})");
  troupe::support::raw_client raw{shared_server().port()};
  const auto refused
    = raw.ask("POST /v1/events HTTP/1.1\r\nHost: x\r\nOrigin: https://a.b\r\n"
              "Content-Type: application/json\r\nAuthorization: Bearer "
              + made.text("/key") + "\r\nContent-Length: 10000000\r\n\r\n");
  CHECK(refused.status == 413);
  CHECK(refused.headers.contains("x-ratelimit-limit"));
  CHECK(refused.headers.at("access-control-allow-origin") == "*");
}
