// The GrowthOS door: what becomes of an event, and whom it is about.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/growthos.hpp"

#include <boost/json/parse.hpp>

using namespace troupe;
using namespace troupe::test;

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
  CHECK(count() == 0);
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
  CHECK(count("contact[external_id]=" + user) == 2);
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
  CHECK(count("contact[external_id]=" + user) == 2);
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

TEST_CASE_METHOD(growthos, "B1 events of pages, servers and modules are alike",
                 "[growthos]") {
  REQUIRE(api_client(shared_server().port(), key)
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
  const auto page = newest();
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
