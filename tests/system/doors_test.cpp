// Which door a request belongs to (design.md 10), what the doors have in
// common, and what is particular to the small ones.
#include "tests/system/door_case.hpp"
#include "tests/system/door_requests.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

class doors : protected door_case {
protected:
  std::string as_basic() const {
    return basic(key + ":");
  }

  api_answer cloudevent(const std::string& body,
                        const std::string& type
                        = "application/cloudevents+json") {
    return own.api.send("POST", "/v1/cloudevents", body,
                        {{"Content-Type", type}});
  }

  api_answer customerio(const std::string& method, const std::string& path,
                        const std::string& body) {
    return nobody.send(method, path, body,
                       {{"Authorization", basic("site:" + key)}});
  }
};

} // namespace

TEST_CASE_METHOD(doors, "every row of the table of doors leads to its door",
                 "[doors]") {
  struct row {
    std::string path, body, authorization, door;
    int status;
  };
  const std::string bearer = "Bearer " + key;
  const std::vector<row> table{
    {"/v1/track", R"({"event":"e","user_id":"U"})", bearer, "growthos", 202},
    {"/v1/track", R"({"event":"e","userId":"U"})", bearer, "segment", 200},
    {"/v1/track", R"({"event":"e","userId":"U"})", as_basic(), "segment", 200},
    {"/v1/batch", R"({"batch":[{"type":"track","event":"e","user_id":"U"}]})",
     bearer, "growthos", 202},
    {"/v1/batch", R"({"batch":[{"type":"track","event":"e","userId":"U"}]})",
     bearer, "segment", 200},
    {"/v1/batch",
     R"({"batch":[{"type":"track","event":"e","userId":"U"}],"writeKey":"KEY"})",
     "", "segment", 200},
    {"/api/v1/customers/U/events", R"({"name":"e"})", basic("site:" + key),
     "customerio", 200},
    {"/batch", R"({"api_key":"KEY","batch":[{"event":"e","distinct_id":"U"}]})",
     "", "posthog", 200},
    {"/batch",
     R"({"api_key":"KEY","events":[{"event_type":"e","user_id":"U"}]})", "",
     "amplitude", 200},
    {"/capture/", R"({"api_key":"KEY","event":"e","distinct_id":"U"})", "",
     "posthog", 200},
    {"/2/httpapi",
     R"({"api_key":"KEY","events":[{"event_type":"e","user_id":"U"}]})", "",
     "amplitude", 200},
    {"/e/KEY", R"({"name":"e","user":{"external_id":"U"}})", "", "inngest",
     200},
    {"/api/v1/events/send", R"({"eventName":"e","userId":"U"})", bearer,
     "loops", 200},
    {"/v1/cloudevents",
     R"({"specversion":"1.0","id":"1","source":"s","type":"e","subject":"U"})",
     bearer, "cloudevents", 202}};
  for (const auto& each : table) {
    const auto who = fresh("usr_");
    auto path = each.path;
    auto body = each.body;
    for (auto* in : {&path, &body})
      for (const auto& [from, to] :
           {std::pair<std::string, std::string>{"KEY", key},
            {"U\"", who + "\""},
            {"/U/", "/" + who + "/"}})
        if (const auto at = in->find(from); at != in->npos)
          in->replace(at, from.size(), to);
    header_list headers{{"Content-Type", path == "/v1/cloudevents"
                                           ? "application/cloudevents+json"
                                           : "application/json"}};
    if (!each.authorization.empty())
      headers.emplace_back("Authorization", each.authorization);
    const auto answer = nobody.send("POST", path, body, headers);
    INFO(path << " " << body << " " << answer.body);
    CHECK(answer.status == each.status);
    const auto page = events("contact[external_id]=" + who);
    REQUIRE(page.at("/data").as_array().size() == 1);
    CHECK(page.text("/data/0/door") == each.door);
    CHECK(page.text("/data/0/type") == "e");
  }
}

TEST_CASE_METHOD(doors,
                 "X12 with shared keys one event through two doors counts once",
                 "[doors]") {
  set(R"({"idempotency":"shared"})");
  const auto native = own.api.emit(
    event_body("order.completed", by_external_id(user)), "ord_1");
  REQUIRE(native.status == 200);
  CHECK(
    own.api
      .post("/v1/track", R"({"event":"order.completed","message_id":"ord_1",)"
                         R"("properties":{"n":2},"user_id":")"
                           + user + "\"}")
      .status
    == 202);
  CHECK(own.api
          .post("/v2.2/stores/" + own.id() + "/events",
                R"({"eventName":"order.completed","uniqueId":"ord_1",)"
                R"("customer":{"id":")"
                  + user + "\"}}")
          .status
        == 202);
  CHECK(cloudevent(R"({"specversion":"1.0","id":"1","source":"s",)"
                   R"("type":"order.completed","subject":")"
                   + user + "\"}")
          .status
        == 202); // its key has the source in it: another one
  CHECK(count("type=order.completed") == 2);
  // The same key for something else is a conflict.
  const auto other
    = own.api.emit(event_body("order.returned", by_external_id(user)), "ord_1");
  CHECK(other.status == 409);
  CHECK(other.code() == "idempotency_key_mismatch");
}

TEST_CASE_METHOD(doors, "X12 without it each door has keys of its own",
                 "[doors]") {
  REQUIRE(own.api.emit(event_body("a", by_external_id(user)), "k").status
          == 200);
  CHECK(own.api
          .post("/v1/track",
                R"({"event":"a","message_id":"k","user_id":")" + user + "\"}")
          .status
        == 202);
  CHECK(count() == 2);
}

TEST_CASE_METHOD(doors, "CloudEvents: a broker is let in by its handshake",
                 "[doors]") {
  const auto answer
    = nobody.send("OPTIONS", "/v1/cloudevents", "",
                  {{"WebHook-Request-Origin", "eventemitter.example.com"},
                   {"WebHook-Request-Rate", "120"}});
  CHECK(answer.status == 200);
  CHECK(answer.header("webhook-allowed-origin") == "eventemitter.example.com");
  CHECK(answer.header("webhook-allowed-rate") == "120");
  const auto page = nobody.send("OPTIONS", "/v1/cloudevents", "",
                                {{"Origin", "https://a.example"}});
  CHECK(page.status == 204);
}

TEST_CASE_METHOD(doors, "CloudEvents: binary mode is in the header fields",
                 "[doors]") {
  const auto post = [&](const std::string& body, const std::string& type,
                        const std::string& id) {
    return own.api.send("POST", "/v1/cloudevents", body,
                        {{"Content-Type", type},
                         {"ce-specversion", "1.0"},
                         {"ce-id", id},
                         {"ce-source", "/shop"},
                         {"CE-Type", "note.added"},
                         {"ce-subject", user},
                         {"ce-word", "caf%C3%A9"}});
  };
  CHECK(post(R"({"n":1})", "application/json", "1").status == 202);
  CHECK(post("[1,2]", "application/vnd.x+json", "2").status == 202);
  CHECK(post("plain words", "text/plain", "3").status == 202);
  CHECK(post("", "", "4").status == 202);
  CHECK(post("{", "application/json", "5").status == 422);
  const auto page = events();
  REQUIRE(page.at("/data").as_array().size() == 4);
  CHECK(page.number("/data/3/metadata/n") == 1);
  CHECK(page.number("/data/2/metadata/data/1") == 2);
  CHECK(page.text("/data/1/metadata/data") == "plain words");
  CHECK(page.text("/data/0/context/cloudevent/word") == "café");
}

TEST_CASE_METHOD(doors, "CloudEvents: each event of a batch stands for itself",
                 "[doors]") {
  const auto one = R"({"specversion":"1.0","id":"1","source":"s","type":"a",)"
                   R"("subject":")"
                   + user + "\"}";
  const auto answer
    = cloudevent("[" + one + R"(,{"specversion":"0.3"},)" + one + "]",
                 "application/cloudevents-batch+json");
  INFO(answer.body);
  REQUIRE(answer.status == 202);
  CHECK(answer.number("/accepted") == 2);
  CHECK(answer.number("/rejected/0/index") == 1);
  CHECK(answer.text("/rejected/0/pointer") == "/specversion");
  CHECK(count() == 1);
  CHECK(cloudevent("{}", "application/cloudevents-batch+json").status == 422);
}

TEST_CASE_METHOD(doors, "CloudEvents: what is missing is said, and where",
                 "[doors]") {
  const auto code = [&](const std::string& body) {
    const auto answer = cloudevent(body);
    INFO(answer.body);
    CHECK(answer.status == 422);
    return answer.text("/errors/0/pointer");
  };
  CHECK(code(R"({"id":"1"})") == "/specversion");
  CHECK(code(R"({"specversion":"1.0","id":"1"})") == "/source");
  CHECK(code(R"({"specversion":"1.0","id":"1","source":"s"})") == "/type");
  CHECK(code(R"({"specversion":"1.0","id":"1","source":"s","type":"t"})")
        == "/subject");
  CHECK(code(R"({"specversion":"1.0","id":"1","source":"s","type":"t",)"
             R"("subject":"u","time":"now"})")
        == "/time");
  const auto secret = make_key(own.api, R"(["events:write"])").text("/key");
  const auto body = R"({"specversion":"1.0","id":"1","source":"s","type":"t",)"
                    R"("contactemail":"ada@example.com"})";
  const auto by_query = [&](const std::string& token) {
    return nobody
      .send("POST", "/v1/cloudevents?access_token=" + token, body,
            {{"Content-Type", "application/cloudevents+json"}})
      .status;
  };
  CHECK(by_query(key) == 202);
  CHECK(by_query(secret) == 401);
  CHECK(by_query("") == 401);
  CHECK(count("contact[email]=ada@example.com") == 1);
}

TEST_CASE_METHOD(doors,
                 "Customer.io: errors and status are what its client reads",
                 "[doors]") {
  const auto answer
    = customerio("POST", "/api/v1/customers/" + user + "/events", "{}");
  CHECK(answer.status == 400);
  CHECK(!answer.text("/meta/error").empty());
  CHECK(nobody
          .send("POST", "/api/v1/customers/a/events", "{}",
                {{"Authorization", basic("site:wrong-key-of-nobody")}})
          .status
        == 401);
  const auto good = customerio("PUT", "/api/v1/customers/" + user,
                               R"({"email":"ada@example.com","plan":"pro"})");
  CHECK(good.status == 200);
  CHECK(good.body == "{}");
}

TEST_CASE_METHOD(doors, "Customer.io: an event with a time is heard once",
                 "[doors]") {
  const auto path = "/api/v1/customers/" + user + "/events";
  const auto now
    = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count());
  for (int i = 0; i < 2; ++i) {
    CHECK(
      customerio("POST", path, R"({"name":"timed","timestamp":)" + now + "}")
        .status
      == 200);
    CHECK(customerio("POST", path,
                     R"({"name":"named","id":"01BX5ZZKBKACTAV9WEVGEMMVRZ"})")
            .status
          == 200);
    CHECK(customerio("POST", path, R"({"name":"free"})").status == 200);
  }
  CHECK(count("type=timed") == 1);
  CHECK(count("type=named") == 1);
  CHECK(count("type=free") == 2);
}

TEST_CASE_METHOD(doors, "Customer.io: two persons with ids stay two",
                 "[doors]") {
  for (const auto* who : {"-a", "-b"})
    REQUIRE(customerio("PUT", "/api/v1/customers/" + user + who, "{}").status
            == 200);
  const auto answer
    = customerio("POST", "/api/v1/merge_customers",
                 R"({"primary":{"id":")" + user + R"(-a"},"secondary":{"id":")"
                   + user + R"(-b"}})");
  INFO(answer.body);
  CHECK(answer.status == 409);
  CHECK(answer.text("/meta/code") == "contacts_kept_apart");
  REQUIRE(customerio("PUT", "/api/v1/customers/" + user + "-b",
                     R"({"email":"of-b@example.com"})")
            .status
          == 200);
  const auto by_address
    = customerio("POST", "/api/v1/merge_customers",
                 R"({"primary":{"id":")" + user
                   + R"(-a"},"secondary":{"email":"of-b@example.com"}})");
  CHECK(by_address.status == 409);
}

TEST_CASE_METHOD(doors,
                 "Customer.io: v2 takes a batch, and what is wrong is listed",
                 "[doors]") {
  const auto person = R"("type":"person","identifiers":{"id":")" + user + "\"}";
  const auto answer = customerio(
    "POST", "/api/v2/batch",
    R"({"batch":[{"action":"identify","attributes":{"plan":"pro"},)" + person
      + R"(},{"action":"event","name":"a","attributes":{"n":1},)" + person
      + R"(},{"action":"dance",)" + person
      + R"(},{"action":"event","name":"a","type":"object"}]})");
  INFO(answer.body);
  CHECK(answer.status == 200);
  CHECK(count() == 2);
  CHECK(events().number("/data/0/metadata/n") == 1);
  CHECK(contact_of(own.api, user).text("/attributes/plan") == "pro");
  CHECK(own.api.get("/v1/rejected-events").at("/data").as_array().size() == 2);
  CHECK(rejected().text("/data/0/pointer") == "/batch/3/type");
}

TEST_CASE_METHOD(doors, "Customer.io: who is suppressed is sent nothing",
                 "[doors]") {
  const auto path = "/api/v1/customers/" + user;
  REQUIRE(customerio("POST", path + "/suppress", "{}").status == 200);
  const auto choices
    = own.api.get("/v1/contacts/external_id:" + user + "/preferences");
  REQUIRE(!choices.at("/data").as_array().empty());
  for (const auto& each : choices.at("/data").as_array())
    CHECK(each.at("subscribed") == false);
  REQUIRE(customerio("POST", path + "/unsuppress", "{}").status == 200);
  const auto again
    = own.api.get("/v1/contacts/external_id:" + user + "/preferences");
  for (const auto& each : again.at("/data").as_array())
    CHECK(each.at("subscribed") == true);
}

TEST_CASE_METHOD(doors, "PostHog: a device is nobody until it is identified",
                 "[doors]") {
  const auto device = fresh("device-");
  const auto send = [&](const std::string& name, const std::string& who,
                        const std::string& more) {
    return nobody.post("/e/", R"({"token":")" + key + R"(","event":")" + name
                                + R"(","distinct_id":")" + who
                                + R"(","properties":{"$device_id":")" + device
                                + "\"" + more + "}}");
  };
  CHECK(
    send("$pageview", device, R"(,"$current_url":"https://a.example/")").status
    == 200);
  CHECK(
    send("$identify", user,
         R"(,"$anon_distinct_id":")" + device + R"(","$set":{"plan":"pro"})")
      .status
    == 200);
  CHECK(send("$autocapture", user, "").status == 200);
  const auto page = events("contact[external_id]=" + user);
  REQUIRE(page.at("/data").as_array().size() == 3);
  CHECK(page.text("/data/0/type") == "posthog.autocapture");
  CHECK(page.text("/data/2/type") == "$page_view");
  CHECK(page.text("/data/2/metadata/url") == "https://a.example/");
  CHECK(contact_of(own.api, user).text("/attributes/plan") == "pro");
}

TEST_CASE_METHOD(doors, "PostHog: a page that can only send forms is heard",
                 "[doors]") {
  const auto body = R"({"api_key":")" + key
                    + R"(","event":"left","distinct_id":")" + user + "\"}";
  auto text = basic(body).substr(6);
  std::string encoded;
  for (const char c : text)
    encoded += c == '+'   ? "%2B"
               : c == '/' ? "%2F"
               : c == '=' ? "%3D"
                          : std::string(1, c);
  const auto answer
    = nobody.send("POST", "/e/?ip=1&compression=base64", "data=" + encoded,
                  {{"Content-Type", "application/x-www-form-urlencoded"}});
  CHECK(answer.status == 200);
  CHECK(count("type=left") == 1);
}

TEST_CASE_METHOD(doors, "doors whose key is in the body refuse as they speak",
                 "[doors]") {
  const auto amplitude
    = nobody.post("/2/httpapi", R"({"api_key":"no","events":[]})");
  CHECK(amplitude.status == 401);
  CHECK(amplitude.number("/code") == 401);
  const auto posthog
    = nobody.post("/batch/", R"({"batch":[{"event":"e","distinct_id":"u"}]})");
  CHECK(posthog.status == 401);
  CHECK(nobody.post("/batch", "{").status == 400);
  const auto inngest = nobody.post("/e/nobodys-key", R"({"name":"e"})");
  CHECK(inngest.status == 401);
  CHECK(inngest.number("/status") == 401);
  CHECK(count() == 0);
}
