// Sendmator's door: events that are sent, over the real socket.
#include "tests/system/sendmator.hpp"

using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

struct sendmator {
  team here{shared_server()};
};

} // namespace

TEST_CASE_METHOD(
  sendmator,
  "S1 S2 S11 S12 an event is taken with 201, a UUID, the id of a "
  "job and a message",
  "[system][sendmator]") {
  const auto type = here.type("user_signup");
  const auto sent = here.send(event_for(type, fresh("user_")));
  INFO(sent.body);
  CHECK(sent.status == 201);
  CHECK(sent.at("/success") == true);
  CHECK(sent.text("/message") == "Event queued successfully");
  CHECK(sent.json.as_object().size() == 4);
  const auto trigger = sent.text("/trigger_id");
  REQUIRE(trigger.size() == 36);
  CHECK(trigger[14] == '8'); // the version
  CHECK(here.api.get("/v1/events/" + sent.text("/job_id")).text("/type")
        == type);
  CHECK(here.send(event_for(type, fresh("user_"))).text("/trigger_id")
        != trigger);
}

TEST_CASE_METHOD(sendmator,
                 "S3 S14 an event without a name is refused, in the door's own "
                 "words",
                 "[system][sendmator]") {
  for (const auto* body :
       {"{}", R"({"event_name":""})", R"({"event_name":null})",
        R"({"event_name":7,"trigger_at":"no"})"})
    check_refused(here.send(body), 400, "Event name is required",
                  "Bad Request");
}

TEST_CASE_METHOD(sendmator,
                 "S4 S9 what is said of the user updates the contact, and an "
                 "unknown one is made",
                 "[system][sendmator]") {
  const auto type = here.type("signup");
  const auto who = fresh("user_");
  const auto sent = here.send(
    R"({"event_name":")" + type + R"(","user_info":{"contact_external_id":")"
    + who + R"(","email":"John.Doe@example.com","phone":"+442071838750",
      "name":"John Doe","custom_fields":{"company":"Acme","seats":3}}})");
  INFO(sent.body);
  REQUIRE(sent.status == 201);
  const auto contact = contact_of(here.api, who);
  INFO(contact.body);
  CHECK(contact.text("/email") == "John.Doe@example.com");
  CHECK(contact.text("/phone") == "+442071838750");
  CHECK(contact.text("/attributes/name") == "John Doe");
  CHECK(contact.text("/attributes/company") == "Acme");
  CHECK(contact.number("/attributes/seats") == 3);
  here.send(R"({"event_name":")" + type
            + R"(","user_info":{"contact_external_id":")" + who
            + R"(","name":"J. Doe"}})");
  CHECK(contact_of(here.api, who).text("/attributes/name") == "J. Doe");
  CHECK(contact_of(here.api, who).text("/attributes/company") == "Acme");
  check_refused(here.send(R"({"event_name":")" + type
                          + R"(","user_info":{"email":"not an address"}})"),
                400, "this is no valid `email` (at /user_info/email)",
                "Bad Request");
}

TEST_CASE_METHOD(sendmator,
                 "S5 the source is kept as where the event came from, of any "
                 "type",
                 "[system][sendmator]") {
  const auto type = here.type("seen");
  for (const auto* kind : {"web_signup", "api", "webhook", "mobile_app",
                           "admin_panel", "cron", "web_app"}) {
    const auto sent = here.send(
      event_for(type, fresh("user_"),
                R"(,"source":{"type":")" + std::string{kind}
                  + R"(","ip":"192.168.1.1","user_agent":"Mozilla/5.0"})"));
    REQUIRE(sent.status == 201);
    const auto event = here.api.get("/v1/events/" + sent.text("/job_id"));
    INFO(event.body);
    CHECK(event.text("/context/type") == kind);
    CHECK(event.text("/context/ip") == "192.168.1.1");
    CHECK(event.text("/context/user_agent") == "Mozilla/5.0");
    CHECK(event.text("/door") == "sendmator");
  }
}

TEST_CASE_METHOD(sendmator,
                 "S6 S31 S50 event data are the event's properties, and "
                 "variables go before them in templates",
                 "[system][sendmator]") {
  team quiet{shared_server(), "test"};
  const auto type = quiet.type("purchase");
  publish(quiet.api,
          sequence_on(
            fresh("s6_"), type,
            R"("s":)" + message("{{total}} {{order_id}} {{first_name}}", "x")));
  const auto sent = quiet.send(
    R"({"event_name":")" + type
    + R"(","user_info":{"contact_external_id":"u6","custom_fields":{
        "total":"c","order_id":"c","first_name":"Ada"}},
      "event_data":{"order_id":"ORD-1","total":"d","items":[{"sku":"a"}]},
      "variables":{"total":"$149.99"}})");
  INFO(sent.body);
  REQUIRE(sent.status == 201);
  const auto event = quiet.api.get("/v1/events/" + sent.text("/job_id"));
  CHECK(event.text("/metadata/items/0/sku") == "a");
  quiet.over(sent);
  const auto kept = quiet.api.get("/v1/test-outbox");
  INFO(kept.body);
  CHECK(kept.body.find("$149.99 ORD-1 Ada") != std::string::npos);
  const auto large
    = R"(,"variables":{"a":")" + std::string(17'000, 'x') + "\"}";
  CHECK(quiet.send(event_for(type, "u6", large)).status == 400);
  // PHP writes an empty array.
  CHECK(quiet.send(event_for(type, "u6", R"(,"event_data":[],"variables":[])"))
          .status
        == 201);
}

TEST_CASE_METHOD(sendmator,
                 "S8 an event that names no contact is taken, and its trigger "
                 "is over with nobody",
                 "[system][sendmator]") {
  const auto type = here.type("nobody");
  for (const auto& user :
       {std::string{}, std::string{R"(,"user_info":{})"},
        std::string{R"(,"user_info":{"email":"","phone":null})"},
        std::string{R"(,"user_info":{"phone":"12"})"}}) {
    const auto sent
      = here.send(R"({"event_name":")" + type + "\"" + user + "}");
    INFO(sent.body);
    REQUIRE(sent.status == 201);
    const auto seen = here.trigger(sent);
    INFO(seen.body);
    CHECK(seen.text("/status") == "completed");
    CHECK(seen.number("/summary/total_contacts") == 0);
    CHECK(seen.text("/reason") == "no_contact_identifier");
  }
  const auto kept
    = here.api.get("/v1/rejected-events?code=no_contact_identifier");
  CHECK(kept.at("/data").as_array().size() == 4);
  CHECK(kept.text("/data/0/type") == type);
}

TEST_CASE_METHOD(sendmator,
                 "S10 the external id says who it is, then the address, then "
                 "the number",
                 "[system][sendmator]") {
  const auto type = here.type("who");
  const auto by = [&](const std::string& user) {
    const auto sent = here.send(R"({"event_name":")" + type
                                + R"(","user_info":{)" + user + "}}");
    REQUIRE(sent.status == 201);
    return here.api.get("/v1/events/" + sent.text("/job_id"))
      .text("/contact/id");
  };
  const auto external = by(R"("contact_external_id":"e1")");
  const auto other
    = by(R"("contact_external_id":"e2","email":"s10@example.com")");
  CHECK(external != other);
  CHECK(by(R"("email":"s10@example.com","contact_external_id":"e1")")
        == external);
  CHECK(by(R"("email":"s10@example.com","phone":"+442071838751")") == other);
  CHECK(by(R"("phone":"+442071838751")") == other);
  CHECK(by(R"("contact_external_id":77)")
        == by(R"("contact_external_id":"77")"));
}

TEST_CASE_METHOD(sendmator,
                 "S17 S18 S21 the key is asked first, then the team, then the "
                 "body, then the event type",
                 "[system][sendmator]") {
  team other{shared_server()};
  const std::string bad = R"({"event_name":""})";
  auto& plain = here.plain;
  const auto with = [&](const header_list& headers, const std::string& body) {
    return plain.post("/api/v1/events/send", body, headers);
  };
  for (const auto& headers :
       {header_list{}, header_list{{"X-Team-ID", here.id}},
        header_list{{"X-API-Key", "sk_live_wrong_wrong_wrong"},
                    {"X-Team-ID", "nobody's"}},
        header_list{{"X-API-Key", ""}, {"X-Team-ID", here.id}}}) {
    const auto refused = with(headers, bad);
    check_refused(refused, 401, "Unauthorized", "Unauthorized");
    CHECK(!refused.header("www-authenticate").empty());
  }
  for (const auto& headers :
       {header_list{{"X-API-Key", here.key}},
        header_list{{"X-API-Key", here.key}, {"X-Team-ID", ""}},
        header_list{{"X-API-Key", here.key}, {"X-Team-ID", other.id}},
        header_list{{"X-API-Key", other.key}, {"X-Team-ID", here.id}}})
    check_refused(with(headers, bad), 401, "Invalid team context",
                  "Unauthorized");
  check_refused(here.send(bad), 400, "Event name is required", "Bad Request");
  check_refused(here.send(R"({"event_name":"s21.unknown"})"), 404,
                "Event type not found", "Not Found");
  check_refused(here.send(R"({"event_name":"s21.unknown","trigger_at":"x"})"),
                400, "Invalid trigger_at format", "Bad Request");
}

TEST_CASE_METHOD(sendmator,
                 "S19 S46 an event type that is not configured is 404, and the "
                 "same request is taken once it is there",
                 "[system][sendmator]") {
  const auto name = fresh("s46_type_");
  const auto who = fresh("user_");
  check_refused(here.send(event_for(name, who)), 404, "Event type not found",
                "Not Found");
  CHECK(contact_of(here.api, who).status == 404);
  const auto made = here.post("/event-types", R"({"name":")" + name
                                                + R"(","description":"d"})");
  INFO(made.body);
  CHECK(made.status == 201);
  CHECK(made.text("/status") == "active");
  CHECK(here.send(event_for(name, who)).status == 201);
  CHECK(here.heard(who, name) == 1);
  REQUIRE(here.api.post("/v1/event-types/" + name + "/archive", "").status
          == 200);
  CHECK(here.send(event_for(name, who)).status == 404);
  CHECK(here.post("/event-types", R"({"name":""})").status == 400);
}

TEST_CASE_METHOD(sendmator,
                 "S20 S21 the limits of a Sendmator plan hold at this door "
                 "alone, and go before what the body says",
                 "[system][sendmator]") {
  const auto set = here.api.send("PATCH", "/v1/workspaces/" + here.id,
                                 R"({"rate_limits":"sendmator_free"})",
                                 {{"Content-Type", "application/json"}});
  INFO(set.body);
  REQUIRE(set.status == 200);
  api_answer last;
  for (int i = 0; i < 100; ++i) {
    last = here.send("{}");
    REQUIRE(last.status == 400);
  }
  CHECK(last.header("x-ratelimit-limit") == "100");
  CHECK(last.header("x-ratelimit-remaining") == "0");
  const auto over = here.send("{}");
  INFO(over.body);
  CHECK(over.status == 429);
  CHECK(over.number("/statusCode") == 429);
  CHECK(over.text("/error") == "Too Many Requests");
  CHECK(std::stoi(over.header("retry-after")) > 3000);
  for (int i = 0; i < 3; ++i) {
    const auto native
      = here.api.emit(event_body("s20.sent", by_external_id("u")));
    CHECK(native.status == 200);
    CHECK(native.header("x-ratelimit-limit").empty());
  }
}

TEST_CASE_METHOD(sendmator,
                 "S42 names in other shapes are taken when they are configured",
                 "[system][sendmator]") {
  for (const auto* prefix : {"UserSignup", "purchase-completed", "cancel_sub"})
    CHECK(here.send(event_for(here.type(prefix), fresh("user_"))).status
          == 201);
}

TEST_CASE_METHOD(sendmator,
                 "S43 a repeat with the same idempotency key is heard once, at "
                 "once or scheduled",
                 "[system][sendmator]") {
  const auto type = here.type("paid");
  const auto who = fresh("user_");
  const header_list key{{"Idempotency-Key", fresh("s43 ")}};
  const auto first = here.send(event_for(type, who), key);
  const auto again = here.send(event_for(type, who), key);
  CHECK(first.status == 201);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.header("idempotent-replay") == "true");
  CHECK(here.heard(who, type) == 1);
  const auto other = here.send(event_for(type, fresh("user_")), key);
  CHECK(other.status == 409);
  CHECK(other.text("/error") == "Conflict");
  const header_list later{{"Idempotency-Key", fresh("s43 ")}};
  const auto body = event_for(type, who, at(in_from_now(1h)));
  const auto scheduled = here.send(body, later);
  CHECK(scheduled.status == 201);
  const auto repeated = here.send(body, later);
  CHECK(repeated.body == scheduled.body);
  CHECK(repeated.header("idempotent-replay") == "true");
  CHECK(here.send(event_for(type, who, at(in_from_now(2h))), later).status
        == 409);
}

TEST_CASE_METHOD(sendmator,
                 "S45 a body that is no JSON object is 400 in the door's own "
                 "words",
                 "[system][sendmator]") {
  for (const auto* body : {"{", "[]", "7", "\"x\"", ""}) {
    const auto refused = here.send(body);
    INFO(body << ": " << refused.body);
    CHECK(refused.status == 400);
    CHECK(refused.number("/statusCode") == 400);
    CHECK(refused.text("/error") == "Bad Request");
    CHECK(!refused.text("/message").empty());
  }
  auto headers = here.headers();
  headers.emplace_back("Content-Type", "text/plain");
  const auto plain
    = here.plain.send("POST", "/api/v1/events/send", "{}", headers);
  CHECK(plain.status == 400);
  CHECK(plain.text("/error") == "Bad Request");
  const auto large
    = here.send(R"({"event_name":")" + std::string(300 * 1024, 'x') + "\"}");
  CHECK(large.status == 413);
  CHECK(large.number("/statusCode") == 413);
}
