// What libraries of the doors' products send that their documents do not show:
// older and less common ones, retries, clients that are mistaken.
#include "tests/system/door_case.hpp"
#include "tests/system/door_requests.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

class door_clients : protected door_case {
protected:
  const header_list as_basic{{"Authorization", basic(key + ":")}};

  api_answer segment(const std::string& path, const std::string& body) {
    return nobody.post(path, body, as_basic);
  }

  api_answer customerio(const std::string& method, const std::string& path,
                        const std::string& body) {
    return nobody.send(method, path, body,
                       {{"Authorization", basic("site:" + key)}});
  }

  api_answer posthog(const std::string& item) {
    return nobody.post("/batch", R"({"api_key":")" + key + R"(","batch":[)"
                                   + item + "]}");
  }

  api_answer form(const std::string& path, const std::string& body) {
    return nobody.post(path, body,
                       {{"Content-Type", "application/x-www-form-urlencoded"}});
  }

  /// Of the newest event of the user.
  std::string newest(const std::string& pointer) {
    return events("contact[external_id]=" + user).text("/data/0" + pointer);
  }
};

std::string base64(const std::string& text) {
  return basic(text).substr(6);
}

} // namespace

TEST_CASE_METHOD(door_clients,
                 "I3 an id that is no id names nobody at any door",
                 "[door_clients]") {
  const std::string bearer = "Bearer " + key;
  for (const std::string id : {"null", "undefined", "0", " ", "", "None"}) {
    const auto quoted = "\"" + id + "\"";
    const auto in_path = id.empty() ? "%20" : percent_encode(id);
    struct request {
      std::string method, path, body, authorization;
    };
    const auto cio = basic("site:" + key);
    const std::vector<request> all{
      {"PUT", "/api/v1/customers/" + in_path, R"({"x":1})", cio},
      {"POST", "/api/v1/customers/" + in_path + "/events", R"({"name":"e"})",
       cio},
      {"POST", "/api/v1/customers/" + in_path + "/suppress", "", cio},
      {"POST", "/api/v2/batch",
       R"({"batch":[{"type":"person","action":"event","name":"e",)"
       R"("identifiers":{"id":)"
         + quoted + "}}]}",
       cio},
      {"POST", "/api/v2/entity",
       R"({"type":"person","action":"identify","identifiers":{"email":)"
         + quoted + "}}",
       cio},
      {"POST", "/api/v1/merge_customers",
       R"({"primary":{"id":)" + quoted + R"(},"secondary":{"email":)" + quoted
         + "}}",
       cio},
      {"POST", "/v1/track", R"({"event":"e","userId":)" + quoted + "}",
       basic(key + ":")},
      {"POST", "/v1/track", R"({"event":"e","user_id":)" + quoted + "}",
       bearer},
      {"POST", "/batch",
       R"({"api_key":")" + key + R"(","batch":[{"event":"e","distinct_id":)"
         + quoted + "}]}",
       ""},
      {"POST", "/2/httpapi",
       R"({"api_key":")" + key + R"(","events":[{"event_type":"e","user_id":)"
         + quoted + "}]}",
       ""},
      {"POST", "/e/" + key,
       R"({"name":"e","user":{"external_id":)" + quoted + "}}", ""},
      {"POST", "/api/v1/events/send",
       R"({"eventName":"e","userId":)" + quoted + "}", bearer},
      {"POST", "/v2.2/stores/" + own.id() + "/events",
       R"({"eventName":"e","customer":{"id":)" + quoted + "}}", bearer},
      {"POST", "/v1/cloudevents",
       R"({"specversion":"1.0","id":"1","source":"s","type":"e","subject":)"
         + quoted + "}",
       bearer},
      {"POST", "/v1/events",
       R"({"type":"e","contact":{"external_id":)" + quoted + "}}", bearer}};
    for (const auto& each : all) {
      header_list headers{{"Content-Type", each.path == "/v1/cloudevents"
                                             ? "application/cloudevents+json"
                                             : "application/json"}};
      if (!each.authorization.empty())
        headers.emplace_back("Authorization", each.authorization);
      const auto answer
        = nobody.send(each.method, each.path, each.body, headers);
      INFO(each.method << " " << each.path << " " << each.body << "\n"
                       << answer.body);
      CHECK(answer.status >= 200); // it lives
      CHECK(answer.status < 500);
    }
  }
}

TEST_CASE_METHOD(door_clients,
                 "R25 X12 one key for two contacts that are named by their "
                 "own ids",
                 "[door_clients]") {
  const auto id_of = [&](const std::string& who) {
    return own.api.emit(event_body("seen", by_external_id(who)))
      .text("/contact/id");
  };
  const auto one = id_of(user);
  const auto other = id_of(fresh("usr_"));
  const auto redo = [&](const std::string& id) {
    return own.api
      .post("/v2.2/stores/" + own.id() + "/events",
            R"({"eventName":"buy","uniqueId":"same","customer":{"id":")" + id
              + "\"}}")
      .status;
  };
  CHECK(redo(one) == 202);
  CHECK(redo(other) == 202);
  CHECK(redo(one) == 202);
  CHECK(count("type=buy") == 2);
  set(R"({"idempotency":"shared"})");
  const auto native = [&](const std::string& id) {
    return own.api.emit(event_body("paid", R"({"id":")" + id + "\"}"), "pay_1");
  };
  CHECK(native(one).status == 200);
  CHECK(native(other).code() == "idempotency_key_mismatch");
}

TEST_CASE_METHOD(door_clients,
                 "clients: RudderStack's `timestamp` is what was meant",
                 "[door_clients]") {
  REQUIRE(segment("/v1/batch", R"({"batch":[{"type":"track","event":"a",)"
                               R"("userId":")"
                                 + user
                                 + R"(","timestamp":"2026-11-01T10:00:00Z",)"
                                   R"("originalTimestamp":"2020-01-01T09:00Z",)"
                                   R"("sentAt":"2020-01-01T09:00:01Z"}]})")
            .status
          == 200);
  CHECK(newest("/occurred_at") == "2026-11-01T10:00:00.000Z");
}

TEST_CASE_METHOD(door_clients, "clients: times as some write them",
                 "[door_clients]") {
  for (const auto& [said, meant] :
       {std::pair{"2026-11-01T12:00:00+0200", "2026-11-01T10:00:00.000Z"},
        std::pair{"2026-11-01", "2026-11-01T00:00:00.000Z"},
        std::pair{"2026-11-01 10:00:00", "2026-11-01T10:00:00.000Z"}}) {
    user = fresh("usr_");
    REQUIRE(segment("/v1/track", R"({"event":"a","userId":")" + user
                                   + R"(","timestamp":")" + said + "\"}")
              .status
            == 200);
    INFO(said << rejected().body);
    CHECK(newest("/occurred_at") == meant);
  }
}

TEST_CASE_METHOD(door_clients,
                 "clients: the context of a batch is that of its calls",
                 "[door_clients]") {
  REQUIRE(segment("/v1/batch",
                  R"({"batch":[{"type":"track","event":"a","userId":")" + user
                    + R"(","context":{"ip":"10.0.0.1"}}],)"
                      R"("context":{"ip":"10.0.0.2","library":{"name":"go"}}})")
            .status
          == 200);
  const auto event = events("contact[external_id]=" + user);
  CHECK(event.text("/data/0/context/ip") == "10.0.0.1");
  CHECK(event.text("/data/0/context/library/name") == "go");
  // One that cannot be read, or is too large for all, is left out.
  const auto large = R"({"a":")" + std::string(300'000, 'x') + R"("})";
  for (const auto& context : {std::string{R"({"a":1,"a":2})"}, large}) {
    const auto call
      = R"({"type":"track","event":"b","userId":")" + user + R"("})";
    auto calls = call;
    for (int i = 1; i < 20; ++i)
      calls += "," + call;
    REQUIRE(segment("/v1/batch",
                    R"({"batch":[)" + calls + R"(],"context":)" + context + "}")
              .status
            == 200);
    CHECK(!events("contact[external_id]=" + user).has("/data/0/context/a"));
  }
  CHECK(count("type=b&contact[external_id]=" + user) == 40);
}

TEST_CASE_METHOD(door_clients, "clients: keys of beacons and in a field",
                 "[door_clients]") {
  const auto call = R"({"type":"track","event":"a","userId":")" + user + "\"}";
  CHECK(nobody
          .post("/beacon/v1/batch?writeKey=" + key,
                R"({"batch":[)" + call + "]}", {{"Content-Type", "text/plain"}})
          .status
        == 200);
  CHECK(nobody
          .post("/api/s/track",
                R"({"event":"a","writeKey":"***","userId":")" + user + "\"}",
                {{"X-Write-Key", key}})
          .status
        == 200);
  CHECK(segment("/sdk/batch", R"({"batch":[)" + call + "]}").status == 200);
  CHECK(count("contact[external_id]=" + user) == 3);
  CHECK(nobody
          .post("/beacon/v1/batch", R"({"batch":[)" + call + "]}",
                {{"Content-Type", "text/plain"}})
          .status
        == 401);
}

TEST_CASE_METHOD(door_clients, "a batch that is there twice is refused",
                 "[door_clients]") {
  const auto call
    = R"([{"type":"track","event":"a","userId":")" + user + "\"}]";
  CHECK(
    segment("/v1/batch", R"({"batch":)" + call + R"(,"batch":)" + call + "}")
      .status
    == 400);
  CHECK(nobody
          .post("/batch", R"({"api_key":")" + key + R"(","batch":)" + call
                            + R"(,"batch":)" + call + "}")
          .status
        == 400);
  CHECK(count() == 0);
}

TEST_CASE_METHOD(door_clients,
                 "PostHog's door allows requests with credentials",
                 "[door_clients]") {
  const auto asked
    = nobody.send("OPTIONS", "/e/?ip=1", "",
                  {{"Origin", "https://shop.example"},
                   {"Access-Control-Request-Method", "POST"},
                   {"Access-Control-Request-Headers", "content-type"}});
  CHECK(asked.status == 204);
  CHECK(asked.header("access-control-allow-origin") == "https://shop.example");
  CHECK(asked.header("access-control-allow-credentials") == "true");
  // Not where something can be read.
  for (const auto* path : {"/api/v1/contacts/find", "/v1/track"}) {
    const auto other = nobody.send("OPTIONS", path, "",
                                   {{"Origin", "https://shop.example"},
                                    {"Access-Control-Request-Method", "POST"}});
    CHECK(other.status == 204);
    CHECK(other.header("access-control-allow-credentials").empty());
  }
}

TEST_CASE_METHOD(door_clients,
                 "PostHog: halves of characters, retries without an id",
                 "[door_clients]") {
  // U+1F600 as two halves, and a half alone.
  const auto body
    = R"({"api_key":")" + key + R"(","event":"a","distinct_id":")" + user
      + "\",\"properties\":{\"face\":\"\xED\xA0\xBD\xED\xB8\x80\","
        "\"half\":\"\xED\xA0\xBD!\"}}";
  CHECK(form("/e/?ver=1.50.0", "data=" + percent_encode(base64(body))).status
        == 200);
  CHECK(newest("/metadata/face") == "\xF0\x9F\x98\x80");
  CHECK(newest("/metadata/half") == "\xEF\xBF\xBD!");
  const auto item = [&](int n) {
    return R"({"distinct_id":")" + user
           + R"(","event":"b","properties":{"n":1},"timestamp":)"
             R"("2026-11-20T08:00:00.00)"
           + std::to_string(n) + "Z\"}";
  };
  CHECK(posthog(item(1) + "," + item(2)).status == 200);
  CHECK(posthog(item(1) + "," + item(2)).status == 200);
  CHECK(count("type=b") == 2);
  // Without a time of its own nobody knows whether it is the same.
  const auto ago
    = R"({"distinct_id":")" + user + R"(","event":"c","offset":5})";
  CHECK(posthog(ago + "," + ago).status == 200);
  CHECK(count("type=c") == 2);
  for (const auto* broken :
       {"data=====", "data=%20%20%20%20====", "data=a", "e=%5B%5D", "data="})
    CHECK(form("/e/", broken).status == 400);
}

TEST_CASE_METHOD(door_clients, "PostHog: who is nobody that is known",
                 "[door_clients]") {
  CHECK(posthog(R"({"event":"$groupidentify","distinct_id":"$company_acme",)"
                R"("properties":{"$group_type":"company",)"
                R"("$group_key":"acme"}})")
          .status
        == 200);
  CHECK(count("contact[anonymous_id]=$company_acme") == 1);
  CHECK(posthog(R"({"event":"a","distinct_id":")" + user
                + R"(","properties":{"$process_person_profile":false}})")
          .status
        == 200);
  CHECK(count("contact[anonymous_id]=" + user) == 1);
}

TEST_CASE_METHOD(door_clients, "Amplitude: its first library sends a form",
                 "[door_clients]") {
  const auto list = R"([{"event_type":"a","user_id":")" + user
                    + R"(","timestamp":1793527200000,"uuid":"u-1",)"
                      R"("event_properties":{"n":"1 + 1"}}])";
  for (int i = 0; i < 2; ++i) {
    const auto answer = form("/2/httpapi", "checksum=x&client=" + key + "&e="
                                             + percent_encode(list) + "&v=2");
    CHECK(answer.status == 200);
    CHECK(answer.body == "success");
  }
  CHECK(count("contact[external_id]=" + user) == 1);
  CHECK(newest("/metadata/n") == "1 + 1");
  CHECK(newest("/occurred_at") == "2026-11-01T10:00:00.000Z");
}

TEST_CASE_METHOD(door_clients,
                 "Amplitude: a time that is null, and how many were taken",
                 "[door_clients]") {
  const auto answer = nobody.post(
    "/2/httpapi", R"({"api_key":")" + key
                    + R"(","events":[{"event_type":"a","user_id":")" + user
                    + R"(","time":null},{"event_type":"b"}]})");
  CHECK(answer.number("/events_ingested") == 1);
  CHECK(count("contact[external_id]=" + user) == 1);
}

TEST_CASE_METHOD(door_clients, "Inngest: an event without an id has one then",
                 "[door_clients]") {
  const auto answer = nobody.post(
    "/e/" + key, R"([{"name":"a","user":{"external_id":")" + user
                   + R"("}},{"name":"a","id":"mine","user":{"external_id":")"
                   + user + "\"}}]");
  REQUIRE(answer.status == 200);
  const auto id = answer.text("/ids/0");
  CHECK(own.api.get("/v1/events/" + id).status == 200);
  CHECK(answer.text("/ids/1") == "mine");
}

TEST_CASE_METHOD(door_clients, "Loops: plain text, and a key for one event",
                 "[door_clients]") {
  const auto send = [&](const std::string& name) {
    return own.api.send(
      "POST", "/api/v1/events/send",
      R"({"eventName":")" + name + R"(","userId":")" + user + "\"}",
      {{"Content-Type", "text/plain;charset=UTF-8"}, {"Idempotency-Key", "k"}});
  };
  CHECK(send("a").status == 200);
  const auto repeat = send("a");
  CHECK(repeat.status == 200);
  CHECK(repeat.header("idempotent-replay") == "true");
  CHECK(send("b").status == 409);
  CHECK(count("contact[external_id]=" + user) == 1);
}

TEST_CASE_METHOD(door_clients,
                 "Customer.io: who takes in another keeps the address",
                 "[door_clients]") {
  const auto mine = user + "@example.com";
  REQUIRE(customerio("PUT", "/api/v1/customers/" + user,
                     R"({"email":")" + mine + "\"}")
            .status
          == 200);
  const auto merge = [&](const std::string& address) {
    return customerio("POST", "/api/v1/merge_customers",
                      R"({"primary":{"id":")" + user
                        + R"("},"secondary":{"email":")" + address + "\"}}")
      .status;
  };
  const auto known = "known-" + mine;
  REQUIRE(
    own.api.emit(event_body("seen", R"({"email":")" + known + "\"}")).status
    == 200);
  CHECK(merge(known) == 200);
  CHECK(contact_of(own.api, user).text("/email") == mine);
  CHECK(merge("new-" + mine) == 200);
  CHECK(contact_of(own.api, user).text("/email") == mine);
  CHECK(merge(mine) == 200); // its own
  CHECK(contact_of(own.api, user).text("/email") == mine);
  CHECK(customerio("POST", "/api/v1/merge_customers",
                   R"({"primary":{"email":")" + mine
                     + R"("},"secondary":{"email":"third-)" + mine + R"("}})")
          .status
        == 200);
  CHECK(contact_of(own.api, user).text("/email") == mine);
  // And both are that person from now on.
  for (const auto& address : {known, "new-" + mine, "third-" + mine})
    CHECK(own.api.emit(event_body("later", R"({"email":")" + address + "\"}"))
            .text("/contact/external_id")
          == user);
}

TEST_CASE_METHOD(door_clients,
                 "a number that is none refuses nobody who has "
                 "another name",
                 "[door_clients]") {
  CHECK(own.api
          .post("/v2.2/stores/" + own.id() + "/events",
                R"({"eventName":"a","customer":{"id":")" + user
                  + R"(","phoneNumber":"555-1234"}})")
          .status
        == 202);
  CHECK(own.api
          .send("POST", "/v1/cloudevents",
                R"({"specversion":"1.0","id":"1","source":"s","type":"a",)"
                R"("contactphone":"555","subject":")"
                  + user + "\"}",
                {{"Content-Type", "application/cloudevents+json"}})
          .status
        == 202);
  CHECK(count("contact[external_id]=" + user) == 2);
}
