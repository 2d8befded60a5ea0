// The inbox of a contact: what sequences put into it, and what clients say of
// it.
#include "engine/json_text.hpp"
#include "tests/system/tenant.hpp"

#include <boost/json/array.hpp>

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

class nudges : protected with_server {
protected:
  nudges() {
    REQUIRE(
      own.api.post("/v1/channels", R"({"key":"app","type":"nudge"})").status
      == 201);
  }

  /// A sequence that answers the event with one nudge.
  void publish_nudge(const std::string& event, const std::string& members) {
    publish(own.api, R"({"key":")" + event
                       + R"(","name":"n","status":"active","reentry":"always",)"
                         R"("trigger":{"any":[{"event":")"
                       + event
                       + R"("}]},"entry":"say","nodes":{"say":{"type":"send",)"
                         R"("channel":"app",)"
                       + members + R"(,"then":"x"},"x":{"type":"exit"}}})");
  }

  void happens(const std::string& event, const std::string& metadata = "{}") {
    const auto sent
      = own.api.emit(event_body(event, by_external_id(user), metadata));
    INFO(sent.body);
    REQUIRE(sent.status == 200);
  }

  api_answer inbox(const std::string& query = "") {
    auto answer = contact_of(own.api, user, "/nudges" + query);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer;
  }

  std::size_t size_of(const std::string& query = "") {
    return inbox(query).at("/data").as_array().size();
  }

  api_answer moved(const std::string& id, const std::string& body) {
    return own.api.post("/v1/contacts/external_id:" + user + "/nudges/" + id,
                        body);
  }

  tenant own{api};
  std::string user = fresh("usr_");
};

} // namespace

TEST_CASE_METHOD(nudges,
                 "B48 what a sequence sends over a nudge channel is in the "
                 "contact's inbox when the event is answered",
                 "[system][nudges]") {
  publish_nudge("go",
                R"("subject":"Hello {{name_shown}}","text":"Have a look",)"
                R"("body":{"url":"/plans","n":"{{n}}"},)"
                R"("category":"tips")");
  happens("go", R"({"name_shown":"Ada","n":7})");
  const auto shown = inbox();
  REQUIRE(shown.at("/data").as_array().size() == 1);
  CHECK(shown.text("/data/0/id").starts_with("ndg_"));
  CHECK(shown.text("/data/0/channel") == "app");
  CHECK(shown.text("/data/0/title") == "Hello Ada");
  CHECK(shown.text("/data/0/body") == "Have a look");
  CHECK(shown.text("/data/0/url") == "/plans");
  CHECK(shown.text("/data/0/data/n") == "7");
  CHECK(shown.text("/data/0/category") == "tips");
  CHECK(shown.text("/data/0/sequence") == "go");
  CHECK(shown.text("/data/0/node") == "say");
  CHECK(shown.text("/data/0/status") == "unread");
  CHECK(shown.text("/data/0/run")
        == contact_of(own.api, user, "/runs").text("/data/0/id"));
  const auto one = own.api.get("/v1/contacts/external_id:" + user + "/nudges/"
                               + shown.text("/data/0/id"));
  CHECK(one.json == shown.at("/data/0"));
  const auto timeline = contact_of(own.api, user, "/timeline");
  const auto delivery = timeline.text("/data/0/deliveries/0/id");
  CHECK(eventually([&] {
    return own.api.get("/v1/deliveries/" + delivery).text("/status")
           == "delivered";
  }));
  CHECK(
    api.get("/v1/contacts/" + contact_of(own.api, user).text("/id") + "/nudges")
      .status
    == 404); // another workspace's
}

TEST_CASE_METHOD(nudges,
                 "B48 B49 B50 the client's events move a nudge on, never back",
                 "[system][nudges]") {
  publish_nudge("go", R"("text":"x")");
  happens("go");
  const auto id = inbox().text("/data/0/id");
  const auto status = [&] {
    return own.api.get("/v1/contacts/external_id:" + user + "/nudges/" + id)
      .text("/status");
  };
  happens("$nudge_shown", R"({"nudge_id":")" + id + R"(","type":"in_app"})");
  CHECK(status() == "shown");
  happens("$nudge_clicked", R"({"nudge_id":")" + id + R"(","action":"open"})");
  CHECK(status() == "clicked");
  happens("$nudge_shown", R"({"nudge_id":")" + id + R"(","type":"in_app"})");
  CHECK(status() == "clicked");
  CHECK(size_of() == 1);
  happens("$nudge_dismissed", R"({"nudge_id":")" + id + R"("})");
  CHECK(status() == "dismissed");
  CHECK(size_of() == 0);
  CHECK(size_of("?status=dismissed") == 1);
  CHECK(size_of("?status=clicked") == 0);
  happens("$nudge_clicked", R"({"nudge_id":"ndg_none","action":"open"})");
  CHECK(contact_of(own.api, user, "/nudges?status=read").code()
        == "query_parameter_invalid");
}

TEST_CASE_METHOD(nudges,
                 "B48 B49 B50 a client can say so of one nudge, and the event "
                 "is the contact's",
                 "[system][nudges]") {
  publish_nudge("go", R"("text":"x")");
  happens("go");
  const auto id = inbox().text("/data/0/id");
  CHECK(moved(id, R"({"status":"shown"})").text("/status") == "shown");
  const auto clicked = moved(id, R"({"status":"clicked","action":"buy"})");
  CHECK(clicked.status == 200);
  CHECK(clicked.text("/status") == "clicked");
  CHECK_FALSE(clicked.has("/body"));
  const auto told = own.api.get("/v1/events?type=$nudge_clicked");
  CHECK(told.text("/data/0/metadata/action") == "buy");
  CHECK(told.text("/data/0/metadata/nudge_id") == id);
  CHECK(moved(id, R"({"status":"dismissed"})").text("/status") == "dismissed");
  CHECK(moved(id, R"({"status":"unread"})").code() == "field_invalid");
  CHECK(moved(id, R"({"status":"shown","action":"x"})").code()
        == "field_invalid");
  CHECK(moved("ndg_none", R"({"status":"shown"})").code() == "nudge_not_found");
}

TEST_CASE_METHOD(nudges,
                 "a nudge goes when its time is over: its own, or that of its "
                 "channel",
                 "[system][nudges]") {
  publish_nudge("short", R"("text":"short","expires_in":"1s")");
  publish_nudge("long", R"("text":"long","expires_in":"2d")");
  happens("long");
  happens("short");
  CHECK(eventually([&] {
    return size_of() == 1;
  }));
  CHECK(inbox().text("/data/0/body") == "long");
  const auto changed
    = own.api.send("PATCH", "/v1/channels/app", R"({"expires_in":"3s"})",
                   {{"content-type", "application/json"}});
  INFO(changed.body);
  CHECK(changed.text("/expires_in") == "3s");
  publish_nudge("usual", R"("text":"usual")");
  happens("usual");
  CHECK(inbox().text("/data/0/body") == "usual");
  CHECK(eventually([&] {
    return size_of() == 1;
  }));
  for (const auto* wrong : {"\"0s\"", "\"400d\"", "7"})
    CHECK(own.api
            .send("PATCH", "/v1/channels/app",
                  R"({"expires_in":)" + std::string{wrong} + "}",
                  {{"content-type", "application/json"}})
            .code()
          == "field_invalid");
}

TEST_CASE_METHOD(nudges,
                 "S41 a nudge that the contact does not want is not put into "
                 "the inbox, nor shown any more",
                 "[system][nudges]") {
  publish_nudge("tip", R"("text":"tip","category":"tips")");
  publish_nudge("news", R"("text":"news","category":"news")");
  happens("tip");
  happens("news");
  CHECK(size_of() == 2);
  const auto refuse = [&](const std::string& choice) {
    const auto answer = own.api.send(
      "PUT", "/v1/contacts/external_id:" + user + "/preferences",
      R"({"data":[)" + choice + "]}", {{"content-type", "application/json"}});
    INFO(answer.body);
    REQUIRE(answer.status == 200);
  };
  refuse(R"({"channel":"app","category":"tips","subscribed":false})");
  happens("tip");
  CHECK(size_of() == 1);
  CHECK(inbox().text("/data/0/body") == "news");
  refuse(R"({"channel":"app","subscribed":false})");
  happens("news");
  CHECK(size_of() == 0);
}

TEST_CASE_METHOD(nudges,
                 "an inbox holds the newest 100 nudges, and is read by pages",
                 "[system][nudges]") {
  publish_nudge("go", R"("text":"{{n}}")");
  for (int i = 0; i < 103; ++i)
    happens("go", R"({"n":)" + std::to_string(i) + "}");
  std::vector<std::string> seen;
  std::string query = "?limit=30";
  for (int page = 0; page < 4; ++page) {
    const auto shown = inbox(query);
    for (const auto& each : shown.at("/data").as_array())
      seen.emplace_back(each.at("body").as_string());
    CHECK(shown.at("/has_more").as_bool() == (page < 3));
    query = "?limit=30&cursor=" + shown.text("/next_cursor");
  }
  REQUIRE(seen.size() == 100);
  CHECK(seen.front() == "102");
  CHECK(seen.back() == "3");
}

TEST_CASE_METHOD(nudges,
                 "nudges of an anonymous visitor are those of who signs up",
                 "[system][nudges]") {
  publish_nudge("go", R"("text":"{{n}}")");
  const auto anonymous = fresh("anon_");
  happens("go", R"({"n":1})");
  REQUIRE(own.api
            .emit(event_body("go", R"({"anonymous_id":")" + anonymous + "\"}",
                             R"({"n":2})"))
            .status
          == 200);
  REQUIRE(own.api
            .emit(event_body("signed_up", R"({"external_id":")" + user
                                            + R"(","anonymous_id":")"
                                            + anonymous + "\"}"))
            .status
          == 200);
  const auto both = inbox();
  REQUIRE(both.at("/data").as_array().size() == 2);
  CHECK(both.text("/data/0/body") == "2");
  CHECK(both.text("/data/1/body") == "1");
}

TEST_CASE("nudges outlive the process", "[system][nudges]") {
  troupe_server server;
  auto before = server.client();
  REQUIRE(before.post("/v1/channels", R"({"key":"app","type":"nudge"})").status
          == 201);
  publish(before,
          R"({"key":"n","name":"n","status":"active","trigger":{"any":)"
          R"([{"event":"go"}]},"entry":"s","nodes":{"s":{"type":"send",)"
          R"("channel":"app","text":"kept","then":"x"},)"
          R"("x":{"type":"exit"}}})");
  REQUIRE(before.emit(event_body("go", by_external_id("u"))).status == 200);
  const auto shown = contact_of(before, "u", "/nudges");
  REQUIRE(shown.at("/data").as_array().size() == 1);
  server.kill();
  server.start();
  auto after = server.client();
  CHECK(contact_of(after, "u", "/nudges").json == shown.json);
}
