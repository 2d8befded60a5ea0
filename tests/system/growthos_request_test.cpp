// The GrowthOS door: what a request must be, and how it is answered.
#include "tests/system/growthos.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_CASE_METHOD(growthos, "B26 a name has at most 256 characters",
                 "[growthos]") {
  const auto named = [&](const std::string& name) {
    return call("track", R"("event":")" + name + "\"," + by_user);
  };
  std::string longest;
  for (int i = 0; i < 256; ++i)
    longest += "é";
  CHECK(named(longest).status == 202);
  CHECK(newest().text("/data/0/event") == longest);
  const auto refused = named(longest + "e");
  CHECK(refused.status == 422);
  CHECK(refused.text("/error/details/0/field") == "event");
  const auto empty = named("");
  CHECK(empty.text("/error/details/0/reason") == "field_required");
}

TEST_CASE_METHOD(growthos, "B27 an event has at most 256 properties",
                 "[growthos]") {
  const auto with = [&](int count) {
    std::string properties;
    for (int i = 0; i < count; ++i)
      properties += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + "\":1";
    return call("track", R"("event":"a.b","properties":{)" + properties + "},"
                           + by_user);
  };
  CHECK(with(256).status == 202);
  const auto refused = with(257);
  CHECK(refused.status == 422);
  CHECK(refused.text("/error/details/0/reason") == "too_many_keys");
}

TEST_CASE_METHOD(growthos, "B28 a property has at most 10 KB", "[growthos]") {
  const auto with = [&](std::size_t bytes) {
    return call("track", R"("event":"a.b","properties":{"note":")"
                           + std::string(bytes - 2, 'x') + "\"}," + by_user);
  };
  CHECK(with(10 * 1024).status == 202);
  const auto refused = with(10 * 1024 + 1);
  CHECK(refused.status == 422);
  CHECK(refused.text("/error/details/0/field") == "properties.note");
}

TEST_CASE_METHOD(growthos, "B29 a batch has at most 500 calls and 500 KB",
                 "[growthos]") {
  const auto batch_of = [&](std::size_t count, const std::string& more) {
    std::string items;
    for (std::size_t i = 0; i < count; ++i)
      items += (i == 0 ? "" : ",")
               + (R"({"type":"track","event":"a.b",)" + by_user) + more + "}";
    return own.api.post("/v1/batch", R"({"batch":[)" + items + "]}");
  };
  const auto whole = batch_of(500, "");
  REQUIRE(whole.status == 202);
  CHECK(whole.at("/items").as_array().size() == 500);
  CHECK(whole.at("/success").as_bool());
  CHECK(batch_of(501, "").status == 422);
  CHECK(batch_of(0, "").status == 422);
  const auto large = batch_of(60, R"(,"properties":{"note":")"
                                    + std::string(9000, 'x') + "\"}");
  CHECK(large.status == 413);
  CHECK(large.code() == "payload_too_large");
}

TEST_CASE_METHOD(growthos, "B63 a time needs its offset", "[growthos]") {
  for (const auto* bad : {"2026-11-01T10:00:00", "yesterday", "1760000000"})
    CHECK(call("track", R"("event":"a.b","timestamp":")" + std::string{bad}
                          + "\"," + by_user)
            .status
          == 422);
  CHECK(call("track",
             R"("event":"a.b","timestamp":"2019-01-01T00:00:00Z",)" + by_user)
          .text("/error/details/0/reason")
        == "timestamp_out_of_range");
}

TEST_CASE_METHOD(growthos, "B64 personal data in properties is kept out",
                 "[growthos]") {
  set(R"({"pii":"reject"})");
  const auto refused
    = call("track", R"("event":"a.b","properties":{"email":"ada@example.com"},)"
                      + by_user);
  CHECK(refused.status == 422);
  CHECK(refused.text("/error/details/0/reason") == "pii_not_allowed");
  CHECK(call("page", R"("name":"Home",)" + by_user).status == 202);
  set(R"({"pii":"redact"})");
  REQUIRE(
    call("track",
         R"("event":"a.b","properties":{"email":"ada@example.com"},)"
         R"("context":{"locale":"en","traits":{"email":"ada@example.com"}},)"
           + by_user)
      .status
    == 202);
  const auto seen = newest();
  CHECK(seen.body.find("ada@example.com") == std::string::npos);
  CHECK(seen.text("/data/0/context/locale") == "en");
}

TEST_CASE_METHOD(growthos, "B65 a call without a name says which field",
                 "[growthos]") {
  const auto answer = call("track", by_user);
  CHECK(answer.status == 422);
  CHECK(answer.code() == "validation_error");
  CHECK(answer.text("/error/details/0/field") == "event");
  CHECK(answer.text("/error/details/0/reason") == "field_required");
  CHECK(!answer.text("/error/details/0/message").empty());
  CHECK(!answer.text("/request_id").empty());
}

TEST_CASE_METHOD(growthos, "B66 each call of a batch stands for itself",
                 "[growthos]") {
  const auto answer = own.api.post(
    "/v1/batch",
    R"({"batch":[{"type":"track","event":"a.b",)" + by_user
      + R"(},{"type":"track",)" + by_user + R"(},{"type":"walk",)" + by_user
      + R"(},7,{"type":"identify","traits":{"plan":"pro"},)" + by_user + "}]}");
  INFO(answer.body);
  REQUIRE(answer.status == 202);
  CHECK(!answer.at("/success").as_bool());
  const auto status = [&](int at) {
    return answer.number("/items/" + std::to_string(at) + "/status");
  };
  CHECK(status(0) == 202);
  CHECK(status(1) == 422);
  CHECK(status(2) == 422);
  CHECK(status(3) == 422);
  CHECK(status(4) == 202);
  CHECK(answer.number("/items/4/index") == 4);
  CHECK(answer.text("/items/1/error/details/0/field") == "batch.1.event");
  CHECK(count("contact[external_id]=" + user) == 2);
}

TEST_CASE_METHOD(growthos, "B67 a message id is heard once", "[growthos]") {
  const auto send = [&](const std::string& name) {
    return call("track",
                R"("event":")" + name + R"(","message_id":"m-1",)" + by_user);
  };
  CHECK(send("a.b").status == 202);
  CHECK(send("a.b").status == 202);
  CHECK(send("c.d").status == 202);
  CHECK(count("contact[external_id]=" + user) == 1);
  for (int i = 0; i < 2; ++i)
    CHECK(call("track", R"("event":"a.b",)" + by_user).status == 202);
  CHECK(count("contact[external_id]=" + user) == 3);
}

TEST_CASE_METHOD(growthos, "B69 a batch is applied in its order",
                 "[growthos]") {
  const auto anonymous = fresh("anon-");
  std::string items;
  for (int i = 0; i < 60; ++i) {
    // Anonymous first, then both, then by either: all one person.
    const auto who = i < 10 ? R"("anonymous_id":")" + anonymous + "\""
                     : i == 10
                       ? R"("anonymous_id":")" + anonymous + "\"," + by_user
                     : i % 3 == 0 ? R"("anonymous_id":")" + anonymous + "\""
                                  : by_user;
    items += (i == 0 ? "" : ",")
             + (R"({"type":"track","event":"step","properties":{"n":)"
                + std::to_string(i) + "}," + who + "}");
  }
  const auto answer = own.api.post("/v1/batch", R"({"batch":[)" + items + "]}");
  INFO(answer.body);
  REQUIRE(answer.status == 202);
  REQUIRE(answer.at("/success").as_bool());
  const auto page
    = own.api.get("/v1/events?limit=100&contact[external_id]=" + user);
  const auto& seen = page.at("/data").as_array();
  REQUIRE(seen.size() == 60);
  for (int i = 0; i < 60; ++i)
    CHECK(page.number("/data/" + std::to_string(59 - i) + "/metadata/n") == i);
}

TEST_CASE_METHOD(growthos, "B70 a write key writes and does not read",
                 "[growthos]") {
  const auto body = R"({"event":"a.b",)" + by_user + "}";
  CHECK(nobody.post("/v1/track?writeKey=" + key, body).status == 202);
  api_client bearer{shared_server().port(), key};
  CHECK(bearer.post("/v1/track", body).status == 202);
  CHECK(bearer.get("/v1/events").status == 403);
  const auto secret = make_key(own.api, R"(["events:write"])").text("/key");
  const auto refused = nobody.post("/v1/track?writeKey=" + secret, body);
  CHECK(refused.status == 401);
  CHECK(refused.code() == "unauthenticated");
}

TEST_CASE_METHOD(growthos, "B71 errors have the door's envelope",
                 "[growthos]") {
  const auto body = R"({"event":"a.b",)" + by_user + "}";
  const auto stranger = nobody.post("/v1/track", body);
  CHECK(stranger.status == 401);
  CHECK(stranger.code() == "unauthenticated");
  CHECK(stranger.at("/error/details").is_array());
  for (const auto* bad : {"{", "[]", R"({"event":"a)"}) {
    const auto broken = own.api.post("/v1/track", bad);
    INFO(bad);
    CHECK(broken.status == 400);
    CHECK(broken.code() == "bad_request");
  }
  const auto form
    = own.api.send("POST", "/v1/track", body,
                   {{"content-type", "application/x-www-form-urlencoded"}});
  CHECK(form.status == 400);
  CHECK(own.api.post("/v1/batch", R"({"batch":{}})").status == 422);
}

TEST_CASE_METHOD(growthos, "B71 over the limit says when to come back",
                 "[growthos]") {
  set(R"({"rate_limits":{"key":{"per_minute":1}}})");
  REQUIRE(call("track", R"("event":"a.b",)" + by_user).status == 202);
  const auto refused = call("track", R"("event":"a.b",)" + by_user);
  INFO(refused.body);
  CHECK(refused.status == 429);
  CHECK(refused.code() == "rate_limited");
  CHECK(std::stoi(refused.header("retry-after")) > 0);
  CHECK(refused.header("x-ratelimit-remaining") == "0");
  // Seconds since 1970.
  CHECK(std::stoll(refused.header("x-ratelimit-reset")) > 1'700'000'000);
}

TEST_CASE("B68 what was answered 202 survives a kill", "[growthos][kill]") {
  troupe_server server;
  auto api = server.client();
  for (int i = 0; i < 5; ++i)
    REQUIRE(
      api
        .post("/v1/track", R"({"event":"a.b","user_id":"u","message_id":")"
                             + std::to_string(i) + "\"}")
        .status
      == 202);
  server.kill();
  server.start();
  auto again = server.client();
  CHECK(again.get("/v1/events").at("/data").as_array().size() == 5);
  CHECK(
    again.post("/v1/track", R"({"event":"a.b","user_id":"u","message_id":"0"})")
      .status
    == 202);
  CHECK(again.get("/v1/events").at("/data").as_array().size() == 5);
}
