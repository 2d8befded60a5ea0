// Channels, event types and conditions by the API.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace troupe::test;

namespace {

class definitions : protected with_server {
protected:
  api_answer patch(const std::string& target, const std::string& body) {
    return api.send("PATCH", target, body,
                    {{"Content-Type", "application/json"}});
  }

  api_answer remove(const std::string& target) {
    return api.send("DELETE", target, "", {});
  }

  api_answer evaluate(const std::string& body) {
    return api.post("/v1/conditions/evaluate", body);
  }

  api_answer emit(const std::string& type) {
    return api.emit(event_body(type, by_external_id(fresh("usr_"))));
  }
};

std::string sending_on(const std::string& key, const std::string& channel,
                       const std::string& event) {
  return R"({"key":")" + key + R"(","status":"active","reentry":"always",
    "trigger":{"any":[{"event":")"
         + event + R"("}]},"entry":"tell","nodes":{
    "tell":{"type":"send","channel":")"
         + channel + R"(","text":"hi","then":"done"},"done":{"type":"exit"}}})";
}

} // namespace

TEST_CASE_METHOD(definitions,
                 "a channel is shown and listed with the values of its headers "
                 "masked",
                 "[system][definitions]") {
  const auto key = fresh("sms_");
  const auto made = api.post("/v1/channels",
                             R"({"key":")" + key
                               + R"(","type":"http","url":"http://127.0.0.1:1/",
      "headers":{"Authorization":"Bearer sesame"},"body":{"text":"{{text}}"}})");
  REQUIRE(made.status == 201);
  for (const auto& name : {key, made.text("/id")}) {
    const auto shown = api.get("/v1/channels/" + name);
    INFO(shown.body);
    CHECK(shown.text("/key") == key);
    CHECK(shown.text("/type") == "http");
    CHECK(shown.text("/body/text") == "{{text}}");
    CHECK(shown.text("/headers/Authorization") == "********");
    CHECK(shown.body.find("sesame") == std::string::npos);
  }
  const auto all = api.get("/v1/channels?limit=200");
  CHECK(all.body.find("sesame") == std::string::npos);
  CHECK(all.body.find("\"" + key + "\"") != std::string::npos);
  CHECK(all.body.find("\"capture\"") != std::string::npos);
  CHECK(api.get("/v1/channels?limit=1").at("/has_more").as_bool());
  CHECK(api.get("/v1/channels/nobody").code() == "channel_not_found");
}

TEST_CASE_METHOD(definitions,
                 "a changed channel is used from the answer on, and one in use "
                 "cannot go",
                 "[system][definitions]") {
  webhook_sink before;
  webhook_sink after;
  const auto key = fresh("sms_");
  const auto event = fresh("channel.used.");
  const auto sequence = fresh("sends_");
  REQUIRE(api
            .post("/v1/channels",
                  R"({"key":")" + key + R"(","type":"http","url":")"
                    + before.url() + R"(","body":{"text":"{{text}}"}})")
            .status
          == 201);
  publish(api, sending_on(sequence, key, event));
  const auto changed
    = patch("/v1/channels/" + key, R"({"url":")" + after.url() + "\"}");
  INFO(changed.body);
  CHECK(changed.text("/url") == after.url());
  CHECK(changed.text("/body/text") == "{{text}}");
  REQUIRE(emit(event).status == 200);
  CHECK(after.wait_for(1, std::chrono::seconds{20}).size() == 1);
  const auto refused = remove("/v1/channels/" + key);
  INFO(refused.body);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "in_use");
  CHECK(refused.text("/dependants/0/kind") == "sequence");
  CHECK(refused.text("/dependants/0/key") == sequence);
  REQUIRE(api.post("/v1/sequences/" + sequence + "/archive", "").status == 200);
  CHECK(remove("/v1/channels/" + key).at("/deleted").as_bool());
  CHECK(api.get("/v1/channels/" + key).status == 404);
  CHECK(api.post("/v1/sequences/validate", sending_on(fresh("s_"), key, event))
          .status
        == 422);
  CHECK(before.wait_for(1, std::chrono::seconds{0}).empty());
  CHECK(remove("/v1/channels/capture").code() == "channel_built_in");
  CHECK(patch("/v1/channels/capture", R"({"url":"http://127.0.0.1/"})")
          .text("/errors/0/pointer")
        == "/url");
}

TEST_CASE_METHOD(definitions,
                 "R7 an event type that nobody set up is discovered by its "
                 "first event, and once",
                 "[system][definitions]") {
  const auto type = fresh("found.by_itself.");
  CHECK(api.get("/v1/event-types/" + type).code() == "event_type_not_found");
  CHECK(patch("/v1/event-types/" + type, R"({"description":"x"})").status
        == 404);
  REQUIRE(emit(type).status == 200);
  const auto shown = api.get("/v1/event-types/" + type);
  INFO(shown.body);
  CHECK(shown.text("/name") == type);
  CHECK(shown.text("/status") == "discovered");
  CHECK(shown.at("/schema").is_null());
  CHECK(shown.text("/created_at").size() > 10);
  CHECK(shown.at("/updated_at").is_null());
  REQUIRE(emit(type).status == 200);
  std::multiset<std::string> seen;
  std::string cursor;
  do {
    const auto page
      = api.get("/v1/event-types?status=discovered&limit=3"
                + (cursor.empty() ? std::string{} : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      seen.insert(std::string{each.at("name").as_string()});
    cursor = page.text("/next_cursor");
  } while (!cursor.empty());
  CHECK(seen.count(type) == 1);
  CHECK(seen.count("$intervention") == 0);
}

TEST_CASE_METHOD(definitions,
                 "S46 an event type is made active, described, given a schema, "
                 "archived and made active again",
                 "[system][definitions]") {
  const auto type = fresh("order.typed.");
  REQUIRE(emit(type).status == 200);
  const auto first_seen
    = api.get("/v1/event-types/" + type).text("/created_at");
  const auto body = R"({"name":")" + type + R"(","description":"An order",
    "schema":{"type":"object","required":["order_id"]}})";
  const auto made = api.post("/v1/event-types", body);
  INFO(made.body);
  REQUIRE(made.status == 201);
  CHECK(made.text("/status") == "active");
  CHECK(made.text("/created_at") == first_seen);
  CHECK(made.text("/schema/required/0") == "order_id");
  CHECK(api.post("/v1/event-types", body).code() == "event_type_exists");
  const auto changed
    = patch("/v1/event-types/" + type, R"({"description":null})");
  CHECK(changed.at("/description").is_null());
  CHECK(changed.text("/schema/type") == "object");
  CHECK(changed.text("/status") == "active");
  const auto archived = api.post("/v1/event-types/" + type + "/archive", "");
  CHECK(archived.text("/status") == "archived");
  REQUIRE(emit(type).status == 200);
  CHECK(api.get("/v1/event-types/" + type).text("/status") == "archived");
  CHECK(api.post("/v1/event-types/" + type + "/archive", "").status == 200);
  CHECK(api.post("/v1/event-types", body).text("/status") == "active");
  const auto log = api.get("/v1/audit-log?action=event_type.*&limit=1");
  CHECK(log.text("/data/0/action") == "event_type.created");
  CHECK(log.text("/data/0/subject") == type);
}

TEST_CASE_METHOD(definitions,
                 "what is wrong with an event type or its schema is said",
                 "[system][definitions]") {
  const auto refused = [&](const std::string& body, const char* pointer) {
    const auto answer = api.post("/v1/event-types", body);
    INFO(body << " " << answer.body);
    CHECK(answer.status == 422);
    CHECK(answer.text("/errors/0/pointer") == pointer);
  };
  refused("{}", "/name");
  refused(R"({"name":""})", "/name");
  refused(R"({"name":"$mine"})", "/name");
  refused(R"({"name":"a/b"})", "/name");
  refused(R"({"name":".."})", "/name");
  refused(R"({"name":")" + std::string(257, 'x') + "\"}", "/name");
  refused(R"({"name":"a","description":1})", "/description");
  refused(R"({"name":"a","schema":{"type":"thing"}})", "/schema/type");
  refused(R"({"name":"a","schema":7})", "/schema");
  refused(R"({"name":"a","colour":"red"})", "/colour");
  CHECK(api.get("/v1/event-types?status=new").code()
        == "query_parameter_invalid");
}

TEST_CASE_METHOD(definitions,
                 "an event type that sequences and webhooks name cannot be "
                 "archived: all of them are named",
                 "[system][definitions]") {
  const auto type = fresh("in.use.");
  REQUIRE(emit(type).status == 200);
  const auto sequence = fresh("in_use_");
  publish(api, sending_on(sequence, "capture", type));
  const auto waits = fresh("in_use_");
  REQUIRE(api
            .post("/v1/sequences", R"({"key":")" + waits
                                     + R"(","entry":"w","nodes":{
      "w":{"type":"wait","any":[{"event":")"
                                     + type + R"("}],"then":"d"},
      "d":{"type":"exit"}}})")
            .status
          == 201);
  const auto hook = subscribe(api, "http://127.0.0.1:1/", type).text("/id");
  subscribe(api, "http://127.0.0.1:1/", "in.*");
  const auto refused = api.post("/v1/event-types/" + type + "/archive", "");
  INFO(refused.body);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "in_use");
  std::set<std::string> named;
  for (const auto& each : refused.at("/dependants").as_array())
    named.insert(std::string{each.at("kind").as_string()} + " "
                 + std::string{each.at("key").as_string()});
  CHECK(named
        == std::set<std::string>{"sequence " + sequence, "sequence " + waits,
                                 "webhook " + hook});
  for (const auto& each : {sequence, waits})
    REQUIRE(api.post("/v1/sequences/" + each + "/archive", "").status == 200);
  REQUIRE(remove("/v1/webhooks/" + hook).status == 200);
  CHECK(api.post("/v1/event-types/" + type + "/archive", "").status == 200);
}

TEST_CASE("the catalog of event types outlives kill -9",
          "[system][definitions]") {
  troupe_server server;
  auto api = server.client();
  REQUIRE(api.emit(event_body("a.seen", by_external_id("u"))).status == 200);
  REQUIRE(api
            .post("/v1/event-types",
                  R"({"name":"b.made","schema":{"type":"object"}})")
            .status
          == 201);
  server.kill();
  server.start();
  auto later = server.client();
  const auto all = later.get("/v1/event-types");
  INFO(all.body);
  CHECK(all.text("/data/0/name") == "a.seen");
  CHECK(all.text("/data/0/status") == "discovered");
  CHECK(all.text("/data/1/name") == "b.made");
  CHECK(all.text("/data/1/schema/type") == "object");
  CHECK(later.post("/v1/event-types", R"({"name":"b.made"})").status == 409);
}

TEST_CASE_METHOD(definitions, "conditions are evaluated over any data",
                 "[system][definitions]") {
  const auto met = evaluate(R"({"condition":{">":[{"var":"order.total"},100]},
                                "data":{"order":{"total":120}}})");
  INFO(met.body);
  CHECK(met.status == 200);
  CHECK(met.at("/result").as_bool());
  CHECK(evaluate(R"({"condition":{"var":"a.1"},"data":{"a":[1,"two"]}})")
          .text("/result")
        == "two");
  CHECK(evaluate(R"({"condition":{"var":"gone"}})").at("/result").is_null());
  CHECK(evaluate(R"({"condition":true,"data":7})").at("/result").as_bool());
  const auto refused = [&](const std::string& body, const std::string& code,
                           const char* pointer) {
    const auto answer = evaluate(body);
    INFO(body << " " << answer.body);
    CHECK(answer.status == 422);
    CHECK(answer.code() == code);
    CHECK(answer.text("/errors/0/pointer") == pointer);
  };
  refused(R"({"data":{}})", "field_required", "/condition");
  refused(R"({"condition":{"and":[{"nothing":1}]}})",
          "condition_unknown_operator", "/condition/and/0/nothing");
  refused(R"({"condition":true,"date":{}})", "field_unknown", "/date");
  std::string deep = "1";
  for (int i = 0; i < 30; ++i)
    deep = R"({"!":[)" + deep + "]}";
  CHECK(evaluate(R"({"condition":)" + deep + "}").status == 422);
}
