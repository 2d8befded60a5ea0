// The GrowthOS door: what a request must be, and what becomes of it.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/tenant.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

class growthos : protected access_case {
protected:
  api_answer call(const std::string& kind, const std::string& members) {
    return own.api.post("/v1/" + kind, "{" + members + "}");
  }

  /// The newest event of the contact, in the door's own envelope.
  api_answer newest(const std::string& who = "") {
    auto page = own.api.get("/v1/events?format=growthos&limit=1&contact["
                            "external_id]="
                            + (who.empty() ? user : who));
    INFO(page.body);
    REQUIRE(page.status == 200);
    return page;
  }

  std::size_t events_of(const std::string& query) {
    const auto page = own.api.get("/v1/events?" + query);
    INFO(page.body);
    REQUIRE(page.status == 200);
    return page.at("/data").as_array().size();
  }

  void set(const std::string& settings) {
    const auto answer
      = own.api.send("PATCH", "/v1/workspaces/" + own.id(), settings,
                     {{"content-type", "application/json"}});
    INFO(answer.body);
    REQUIRE(answer.status == 200);
  }

  tenant own{api};
  std::string user = fresh("usr_");
  std::string by_user = R"("user_id":")" + user + "\"";
};

} // namespace

TEST_CASE_METHOD(growthos, "B5 B8 B9 every event has the whole envelope",
                 "[growthos]") {
  const auto answer
    = call("track", R"("event":"survey.completed","properties":{},)" + by_user);
  INFO(answer.body);
  REQUIRE(answer.status == 202);
  CHECK(answer.at("/success").as_bool());
  CHECK(answer.text("/request_id") == answer.header("x-request-id"));
  const auto seen = newest();
  const auto& event = seen.at("/data/0").as_object();
  CHECK(event.at("id").as_string().starts_with("evt_"));
  CHECK(event.at("type") == "track");
  CHECK(event.at("event") == "survey.completed");
  CHECK(event.at("properties").as_object().empty());
  CHECK(event.at("tenant_id").as_string() == own.id());
  for (const auto* member : {"message_id", "timestamp", "received_at"})
    CHECK(event.at(member).is_string());
}

TEST_CASE_METHOD(growthos, "B6 what the platform manages is never the client's",
                 "[growthos]") {
  REQUIRE(
    call("track", R"("event":"a.b","id":"evt_mine","tenant_id":"ws_other",)"
                  R"("received_at":"2020-01-01T00:00:00Z",)"
                    + by_user)
      .status
    == 202);
  const auto seen = newest();
  CHECK(seen.text("/data/0/id") != "evt_mine");
  CHECK(seen.text("/data/0/tenant_id") == own.id());
  CHECK(seen.text("/data/0/received_at") > "2021");
}

TEST_CASE_METHOD(growthos,
                 "B7 B11 a client says when it happened and under which id",
                 "[growthos]") {
  REQUIRE(call("track", R"("event":"a.b",)" + by_user).status == 202);
  const auto own_time = newest();
  CHECK(own_time.text("/data/0/timestamp")
        == own_time.text("/data/0/received_at"));
  CHECK(!own_time.text("/data/0/message_id").empty());
  REQUIRE(call("track", R"("event":"a.b","message_id":"msg_7",)"
                        R"("timestamp":"2026-11-01T12:00:00+02:00",)"
                          + by_user)
            .status
          == 202);
  const auto seen = newest();
  CHECK(seen.text("/data/0/message_id") == "msg_7");
  CHECK(seen.text("/data/0/timestamp") == "2026-11-01T10:00:00.000Z");
  CHECK(seen.text("/data/0/received_at") != seen.text("/data/0/timestamp"));
}

TEST_CASE_METHOD(growthos, "B10 B74 the context is kept as it was sent",
                 "[growthos]") {
  const std::string context
    = R"({"ip":"203.0.113.7","user_agent":"UA/1","locale":"en-GB",)"
      R"("page":{"url":"https://a.example/p","title":"P","referrer":"","path":"/p"},)"
      R"("library":{"name":"growthos-js","version":"1.2"},)"
      R"("campaign":{"source":"x","medium":"y","name":"z","term":"t","content":"c"},)"
      R"("screen":{"width":10},"device":{"type":"phone","os":"Android"}})";
  REQUIRE(call("track", R"("event":"a.b","context":)" + context + "," + by_user)
            .status
          == 202);
  const auto seen = newest();
  CHECK(seen.at("/data/0/context") == boost::json::parse(context));
}

TEST_CASE_METHOD(growthos, "B10 `auto` is filled from the request",
                 "[growthos]") {
  const auto answer = own.api.post(
    "/v1/track",
    R"({"event":"a.b","context":{"ip":"auto","user_agent":"auto"},)" + by_user
      + "}",
    {{"user-agent", "Shop/3"}});
  REQUIRE(answer.status == 202);
  const auto seen = newest();
  CHECK(seen.text("/data/0/context/ip") == "127.0.0.1");
  CHECK(seen.text("/data/0/context/user_agent") == "Shop/3");
}

TEST_CASE_METHOD(growthos, "B12 a server's event needs no context",
                 "[growthos]") {
  REQUIRE(call("track", R"("event":"invoice.paid",)" + by_user).status == 202);
  CHECK(newest().at("/data/0/context").as_object().empty());
}

TEST_CASE_METHOD(growthos, "B13 somebody must be named", "[growthos]") {
  const auto answer = call("track", R"("event":"a.b")");
  CHECK(answer.status == 422);
  CHECK(answer.code() == "validation_error");
  CHECK(answer.text("/error/details/0/field") == "user_id");
  CHECK(events_of("") == 0);
}

TEST_CASE_METHOD(growthos, "B14 B15 who was anonymous is the user from then on",
                 "[growthos]") {
  const auto anonymous = fresh("anon-");
  const auto as_anonymous = R"("anonymous_id":")" + anonymous + "\"";
  REQUIRE(call("track", R"("event":"page.seen",)" + as_anonymous).status
          == 202);
  REQUIRE(
    call("track", R"("event":"a.b",)" + as_anonymous + "," + by_user).status
    == 202);
  CHECK(events_of("contact[external_id]=" + user) == 2);
  REQUIRE(call("track", R"("event":"c.d",)" + as_anonymous).status == 202);
  const auto seen = newest();
  CHECK(seen.text("/data/0/event") == "c.d");
  CHECK(seen.text("/data/0/user_id") == user);
  CHECK(seen.text("/data/0/anonymous_id") == anonymous);
}

TEST_CASE_METHOD(growthos, "B16 an alias moves events and traits",
                 "[growthos]") {
  const auto before = fresh("anon-");
  REQUIRE(call("identify",
               R"("anonymous_id":")" + before + R"(","traits":{"plan":"free"})")
            .status
          == 202);
  const auto answer
    = call("alias", R"("previous_id":")" + before + "\"," + by_user);
  INFO(answer.body);
  REQUIRE(answer.status == 202);
  CHECK(events_of("contact[external_id]=" + user) == 2);
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/attributes/plan") == "free");
  CHECK(contact.text("/anonymous_ids/0") == before);
}

TEST_CASE_METHOD(growthos, "B17 identify merges traits and tells of it",
                 "[growthos]") {
  REQUIRE(call("identify", R"("traits":{"plan":"free","city":"Oslo",)"
                           R"("email":"Ada@Example.com"},)"
                             + by_user)
            .status
          == 202);
  REQUIRE(
    call("identify", R"("traits":{"plan":"pro","city":null},)" + by_user).status
    == 202);
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/attributes/plan") == "pro");
  CHECK(!contact.has("/attributes/city"));
  CHECK(contact.text("/email") == "Ada@Example.com");
  const auto seen = newest();
  CHECK(seen.text("/data/0/type") == "identify");
  CHECK(seen.text("/data/0/event") == "$identify");
  CHECK(seen.text("/data/0/properties/traits/plan") == "pro");
}

TEST_CASE_METHOD(growthos,
                 "B30 B75 a page is a view with what its context says",
                 "[growthos]") {
  REQUIRE(
    call("page",
         R"("name":"Pricing","context":{"page":{"url":"https://a.example",)"
         R"("title":"Prices","referrer":"","path":"/prices"}},)"
           + by_user)
      .status
    == 202);
  const auto seen = newest();
  CHECK(seen.text("/data/0/event") == "$page_view");
  CHECK(seen.text("/data/0/type") == "page");
  CHECK(seen.text("/data/0/properties/name") == "Pricing");
  CHECK(seen.text("/data/0/properties/path") == "/prices");
}

TEST_CASE_METHOD(growthos, "B8 a group is an event of its kind", "[growthos]") {
  CHECK(call("group", by_user).status == 422);
  REQUIRE(
    call("group", R"("group_id":"acme","traits":{"name":"Acme"},)" + by_user)
      .status
    == 202);
  const auto seen = newest();
  CHECK(seen.text("/data/0/type") == "group");
  CHECK(seen.text("/data/0/properties/group_id") == "acme");
  CHECK(seen.text("/data/0/properties/traits/name") == "Acme");
}

TEST_CASE_METHOD(growthos, "B19 B20 B22 names of one's own are free",
                 "[growthos]") {
  for (const auto* name :
       {"referral.converted", "survey_completed", "Signup Completed"}) {
    REQUIRE(
      call("track", R"("event":")" + std::string{name} + "\"," + by_user).status
      == 202);
    CHECK(newest().text("/data/0/event") == name);
  }
}

TEST_CASE_METHOD(growthos,
                 "B21 B23 a name with `$` is the platform's, and complete",
                 "[growthos]") {
  const auto unknown = call("track", R"("event":"$mine",)" + by_user);
  CHECK(unknown.status == 422);
  CHECK(unknown.code() == "reserved_event_name");
  const auto incomplete = call(
    "track", R"("event":"$page_view","properties":{"url":"x"},)" + by_user);
  CHECK(incomplete.status == 422);
  CHECK(incomplete.text("/error/details/0/field") == "properties.title");
  CHECK(
    call("track", R"("event":"$page_view","properties":{"url":"x","title":"",)"
                  R"("referrer":"","path":"/"},)"
                    + by_user)
      .status
    == 202);
}

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
  CHECK(events_of("contact[external_id]=" + user) == 2);
}

TEST_CASE_METHOD(growthos, "B67 a message id is heard once", "[growthos]") {
  const auto send = [&](const std::string& name) {
    return call("track",
                R"("event":")" + name + R"(","message_id":"m-1",)" + by_user);
  };
  CHECK(send("a.b").status == 202);
  CHECK(send("a.b").status == 202);
  CHECK(send("c.d").status == 202);
  CHECK(events_of("contact[external_id]=" + user) == 1);
  for (int i = 0; i < 2; ++i)
    CHECK(call("track", R"("event":"a.b",)" + by_user).status == 202);
  CHECK(events_of("contact[external_id]=" + user) == 3);
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
  const auto write = make_key(own.api, R"(["events:write"])", "write");
  const auto key = write.text("/key");
  const auto body = R"({"event":"a.b",)" + by_user + "}";
  api_client nobody{shared_server().port()};
  CHECK(nobody.post("/v1/track?writeKey=" + key, body).status == 202);
  auto bearer = with_key(write);
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
  api_client nobody{shared_server().port()};
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

TEST_CASE_METHOD(growthos, "B1 events of pages, servers and modules are alike",
                 "[growthos]") {
  const auto write = make_key(own.api, R"(["events:write"])", "write");
  REQUIRE(with_key(write)
            .post("/v1/track", R"({"event":"a.b",)" + by_user + "}")
            .status
          == 202);
  REQUIRE(call("track", R"("event":"a.b",)" + by_user).status == 202);
  REQUIRE(
    own.api
      .post("/v1/system-events", R"({"event":"$coupon_redeemed","properties":)"
                                 R"({"coupon_code":"X","discount":5},)"
                                   + by_user + "}")
      .status
    == 202);
  const auto page
    = own.api.get("/v1/events?format=growthos&contact[external_id]=" + user);
  const auto& all = page.at("/data").as_array();
  REQUIRE(all.size() == 3);
  std::vector<std::string> members;
  for (const auto& each : all) {
    std::vector<std::string> names;
    for (const auto& item : each.as_object())
      names.emplace_back(item.key());
    if (members.empty())
      members = names;
    CHECK(names == members);
  }
}

TEST_CASE_METHOD(growthos,
                 "B2 B3 B4 one event reaches every module that subscribed",
                 "[growthos]") {
  webhook_sink first;
  webhook_sink second;
  const auto name = fresh("invoice.paid_");
  for (const auto* sink : {&first, &second})
    REQUIRE(subscribe(own.api, sink->url(), name).status == 201);
  publish(own.api, sequence_on(fresh("mail_"), name,
                               R"("s":{"type":"send","channel":"capture",)"
                               R"("subject":"Thanks","then":"x"})"));
  REQUIRE(own.api
            .post("/v1/segments",
                  R"({"key":"payers","name":"Payers","condition":{">=":[)"
                  R"({"event_count":{"event":")"
                    + name + R"("}},1]}})")
            .status
          == 201);
  REQUIRE(call("track", R"("event":")" + name + "\"," + by_user).status == 202);
  for (auto* sink : {&first, &second})
    CHECK(sink->wait_for(1, std::chrono::seconds{20}).size() == 1);
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/segments/0") == "payers");
  CHECK(contact_of(own.api, user, "/runs").at("/data").as_array().size() == 1);
  CHECK(eventually([&] {
    return own.api.get("/v1/event-types/" + name + "/stats").number("/count")
           == 1;
  }));
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
