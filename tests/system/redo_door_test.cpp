// The Redo door: custom events of customers.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/door_case.hpp"

#include <boost/json/value.hpp>

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

class redo : protected door_case {
protected:
  std::string path(const std::string& rest = "") {
    return "/v2.2/stores/" + own.id() + "/events" + rest;
  }

  api_answer send(const std::string& members) {
    return own.api.post(path(), "{" + members + "}");
  }

  api_answer bulk(const std::string& items) {
    return own.api.post(path("/bulk"), R"({"events":[)" + items + "]}");
  }

  std::string customer = R"("customer":{"id":")" + user + "\"}";
};

} // namespace

TEST_CASE_METHOD(redo, "R1 R2 R14 R22 R27 an event has all its members",
                 "[redo]") {
  const auto answer = send(
    R"("eventName":"purchase_completed",)" + customer
    + R"(,"data":{"item_count":3,"category":"apparel","vip":false,)"
      R"("$extra":{"session_id":"abc-123","zero":0,"none":null,"empty":""}},)"
      R"("value":149.99,"valueCurrency":"usd",)"
      R"("eventTimestamp":"2026-11-15T10:30:00Z")");
  INFO(answer.body);
  REQUIRE(answer.status == 202);
  CHECK(answer.body.empty());
  const auto page = events();
  REQUIRE(page.at("/data").as_array().size() == 1);
  CHECK(page.text("/data/0/type") == "purchase_completed");
  CHECK(page.text("/data/0/door") == "redo");
  CHECK(page.at("/data/0/value") == 149.99);
  CHECK(page.text("/data/0/value_currency") == "USD");
  CHECK(page.text("/data/0/occurred_at") == "2026-11-15T10:30:00.000Z");
  CHECK(page.number("/data/0/metadata/item_count") == 3);
  CHECK(page.at("/data/0/metadata/vip") == false);
  CHECK(page.text("/data/0/metadata/$extra/session_id") == "abc-123");
  CHECK(page.at("/data/0/metadata/$extra/none").is_null());
  CHECK(page.has("/data/0/metadata/$extra/zero"));
  const auto timeline = contact_of(own.api, user, "/timeline");
  CHECK(timeline.body.find("purchase_completed") != std::string::npos);
}

TEST_CASE_METHOD(redo, "R27 the model's snake_case and the flat form are taken",
                 "[redo]") {
  CHECK(send(R"("event_name":"a_b","customer":"jane@example.com",)"
             R"("properties":{"n":1},"value":1,"value_currency":"EUR",)"
             R"("timestamp":"2026-11-15T10:30:00+02:00")")
          .status
        == 202);
  CHECK(send(R"("event_name":"a_b","customer_id":")" + user + "\"").status
        == 202);
  CHECK(send(R"("event_name":"a_b","email":"joe@example.com",)"
             R"("phone":"+14155550123","properties":{"n":2})")
          .status
        == 202);
  const auto page = events();
  REQUIRE(page.at("/data").as_array().size() == 3);
  CHECK(page.text("/data/2/contact/email") == "jane@example.com");
  CHECK(page.text("/data/2/occurred_at") == "2026-11-15T08:30:00.000Z");
  CHECK(page.text("/data/1/contact/external_id") == user);
  CHECK(page.number("/data/0/metadata/n") == 2);
}

TEST_CASE_METHOD(redo, "R36 an event has one customer", "[redo]") {
  REQUIRE(send(R"("eventName":"a","customer":"jane@example.com")").status
          == 202);
  const auto page = events();
  CHECK(page.text("/data/0/contact/email") == "jane@example.com");
  CHECK(own.api.get("/v1/contacts").at("/data").as_array().size() == 1);
}

TEST_CASE_METHOD(redo, "R11 what is unset at the top is not stored", "[redo]") {
  REQUIRE(
    send(R"("eventName":"a",)" + customer
         + R"(,"data":{"item_count":0,"note":"","gone":null,"kept":false})")
      .status
    == 202);
  const auto page = events();
  CHECK(page.at("/data/0/metadata") == boost::json::value{{"kept", false}});
  CHECK(page.at("/data/0/normalised")
        == boost::json::value{"item_count", "note", "gone"});
}

TEST_CASE_METHOD(redo, "R10 texts that are dates compare as dates", "[redo]") {
  const auto date = [&](const char* condition) {
    return own.api
      .post("/v1/conditions/evaluate",
            std::string{R"({"condition":)"} + condition
              + R"(,"data":{"at":"2026-03-01T01:00:00+05:00"}})")
      .at("/result");
  };
  // Later by its text, earlier by its offset.
  CHECK(date(R"({"<":[{"var":"at"},"2026-02-28T21:00:00Z"]})") == true);
  CHECK(date(R"({">":[{"var":"at"},"2026-02-28T19:59:59Z"]})") == true);
  CHECK(date(R"({"<":[{"var":"at"},"2026-02-28"]})") == false);
}

TEST_CASE_METHOD(redo, "R12 R13 a value is a number and its currency a code",
                 "[redo]") {
  const auto named = fresh("paid_");
  const auto paid = [&](const std::string& more) {
    return send(R"("eventName":")" + named + "\"," + customer + "," + more);
  };
  CHECK(paid(R"("value":"12")").status == 422);
  CHECK(paid(R"("value":12,"valueCurrency":"dollars")").status == 422);
  for (const auto* more :
       {R"("value":10,"valueCurrency":"USD")",
        R"("value":20,"valueCurrency":"usd")",
        R"("value":5,"valueCurrency":"EUR")", R"("value":1)"})
    REQUIRE(paid(more).status == 202);
  REQUIRE(eventually([&] {
    return own.api.get("/v1/event-types/" + named + "/stats").number("/count")
           == 4;
  }));
  const auto stats = own.api.get("/v1/event-types/" + named + "/stats");
  const auto& values = stats.at("/value").as_array();
  REQUIRE(values.size() == 3);
  for (const auto& each : values)
    if (each.at("currency") == "USD") {
      CHECK(each.at("sum").to_number<double>() == 30.0);
      CHECK(each.at("avg").to_number<double>() == 15.0);
    }
}

TEST_CASE_METHOD(redo,
                 "R15 R32 a customer must be named, and the problem says so",
                 "[redo]") {
  for (const auto* who : {R"("customer":{})", R"("customer":null)",
                          R"("customer":"")", R"("note":1)"}) {
    const auto answer = send(R"("eventName":"a",)" + std::string{who});
    INFO(who << answer.body);
    CHECK(answer.status == 422);
    CHECK(answer.header("content-type") == "application/problem+json");
    CHECK(answer.text("/type") == "about:blank");
    CHECK(!answer.text("/title").empty());
    CHECK(!answer.text("/detail").empty());
    CHECK(answer.text("/instance").find("/v2.2/stores/") == 0);
  }
  CHECK(count() == 0);
}

TEST_CASE_METHOD(redo, "R16 R17 the id comes before the e-mail and the phone",
                 "[redo]") {
  const auto other = fresh("usr_");
  REQUIRE(send(R"("eventName":"a","customer":{"id":")" + other
               + R"(","email":"jane@example.com"})")
            .status
          == 202);
  REQUIRE(
    send(R"("eventName":"b","customer":{"id":")" + user
         + R"(","email":"jane@example.com","phoneNumber":"+14155550123"})")
      .status
    == 202);
  CHECK(count("contact[external_id]=" + other) == 1);
  CHECK(count("contact[external_id]=" + user) == 1);
  // The phone was free: it enriches the profile. The address was not.
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/phone") == "+14155550123");
  CHECK(contact.at("/email").is_null());
  REQUIRE(send(R"("eventName":"c","customer":{"email":"jane@example.com",)"
               R"("phoneNumber":"+14155550123"})")
            .status
          == 202);
  CHECK(count("contact[external_id]=" + other) == 2);
}

TEST_CASE_METHOD(redo, "R18 R19 who is not known is made, whatever the id",
                 "[redo]") {
  CHECK(send(R"("eventName":"a",)" + customer).status == 202);
  const auto id = contact_of(own.api, user).text("/id");
  CHECK(send(R"("eventName":"b","customer":{"id":")" + id + "\"}").status
        == 202);
  CHECK(count("contact[external_id]=" + user) == 2);
  const std::string nobodys = "con_01JZZZZZZZZZZZZZZZZZZZZZZZ";
  CHECK(send(R"("eventName":"c","customer":{"id":")" + nobodys
             + R"(","email":"fall@example.com"})")
          .status
        == 202);
  CHECK(count("contact[email]=fall@example.com") == 1);
  CHECK(send(R"("eventName":"d","customer":{"id":")" + nobodys + "\"}").status
        == 422);
}

TEST_CASE_METHOD(redo, "R20 a phone number is E.164", "[redo]") {
  CHECK(send(R"("eventName":"a","customer":{"phoneNumber":"12"})").status
        == 422);
  CHECK(
    send(R"("eventName":"a","customer":{"phoneNumber":"+14155550123"})").status
    == 202);
  CHECK(own.api.get("/v1/contacts/phone:%2B14155550123").status == 200);
}

TEST_CASE_METHOD(redo, "R21 what is said of the customer is kept", "[redo]") {
  REQUIRE(
    send(R"("eventName":"a","customer":{"id":")" + user
         + R"(","firstName":"Jane","lastName":"Doe",)"
           R"("location":{"city":"Oslo","ianaTimeZoneName":"Europe/Oslo"},)"
           R"("customFields":{"tier":"gold"}})")
      .status
    == 202);
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/attributes/first_name") == "Jane");
  CHECK(contact.text("/attributes/last_name") == "Doe");
  CHECK(contact.text("/attributes/timezone") == "Europe/Oslo");
  CHECK(contact.text("/attributes/location/city") == "Oslo");
  CHECK(contact.text("/attributes/tier") == "gold");
}

TEST_CASE_METHOD(redo, "R23 R24 a receiver that is down holds nobody up",
                 "[redo]") {
  webhook_sink sink{[](std::size_t) {
    return 500;
  }};
  REQUIRE(subscribe(own.api, sink.url(), "a").status == 201);
  CHECK(send(R"("eventName":"a",)" + customer).status == 202);
  CHECK(count() == 1);
}

TEST_CASE_METHOD(redo,
                 "R25 a unique id is heard once for each name and customer",
                 "[redo]") {
  const auto once = [&](const std::string& name, const std::string& who,
                        const std::string& more = "") {
    return send(R"("eventName":")" + name
                + R"(","uniqueId":"ord_1",)"
                  R"("customer":{"id":")"
                + who + "\"}" + more)
      .status;
  };
  CHECK(once("a", user) == 202);
  CHECK(once("a", user) == 202);
  CHECK(once("a", user, R"(,"data":{"first":"wins"})") == 202);
  CHECK(count() == 1);
  CHECK(once("b", user) == 202);
  CHECK(once("a", user + "2") == 202);
  CHECK(count() == 3);
}

TEST_CASE("R25 a unique id is heard once after a kill, and after a day",
          "[redo_restart]") {
  troupe_server server;
  auto api = server.client();
  const auto store = api.get("/v1/workspaces").text("/data/0/id");
  const auto once = [&](api_client& by) {
    return by
      .post("/v2.2/stores/" + store + "/events",
            R"({"eventName":"a","uniqueId":"x","customer":"jane@example.com"})")
      .status;
  };
  REQUIRE(once(api) == 202);
  server.kill();
  server.start(std::chrono::hours{49});
  auto later = server.client();
  CHECK(once(later) == 202);
  CHECK(later.get("/v1/events").at("/data").as_array().size() == 1);
}

TEST_CASE_METHOD(redo, "R26 a key is of its store", "[redo]") {
  tenant other{api};
  const auto body = R"({"eventName":"a",)" + customer + "}";
  const auto missing = nobody.post(path(), body);
  CHECK(missing.status == 401);
  CHECK(missing.text("/type") == "about:blank");
  api_client wrong{shared_server().port(), "tr_live_nothing_of_the_kind"};
  CHECK(wrong.post(path(), body).status == 401);
  CHECK(other.api.post(path(), body).status == 404);
  CHECK(count() == 0);
}

TEST_CASE_METHOD(redo, "R28 R29 R30 each event of a bulk stands for itself",
                 "[redo]") {
  const auto one = R"({"eventName":"a",)" + customer + "}";
  const auto answer
    = bulk(one + R"(,{"eventName":"a"},)" + one + ",7,"
           + R"({"eventName":"a","value":"x",)" + customer + "}");
  INFO(answer.body);
  REQUIRE(answer.status == 202);
  CHECK(answer.number("/accepted") == 2);
  CHECK(answer.number("/rejected") == 3);
  CHECK(answer.text("/results/0/status") == "accepted");
  CHECK(answer.text("/results/0/event_id").starts_with("evt_"));
  CHECK(answer.text("/results/1/errors/0/code") == "contact_required");
  CHECK(answer.number("/results/4/index") == 4);
  CHECK(count() == 2);
  CHECK(bulk("").status == 422);
  std::string many = one;
  for (int i = 1; i < 100; ++i)
    many += "," + one;
  const auto full = bulk(many);
  CHECK(full.number("/accepted") == 100);
  CHECK(bulk(many + "," + one).status == 422);
  CHECK(bulk("7,7").status == 202);
}

TEST_CASE_METHOD(redo, "R31 a store takes a hundred events a second",
                 "[redo]") {
  set(R"({"rate_limits":"redo"})");
  api_answer last;
  for (int i = 0; i < 2000 && last.status != 429; ++i)
    last = send(R"("eventName":"a",)" + customer);
  CHECK(last.status == 429);
  CHECK(last.text("/type") == "about:blank");
  CHECK(last.header("x-ratelimit-limit") == "100");
  CHECK(!last.header("retry-after").empty());
}

TEST_CASE_METHOD(redo,
                 "R8 R9 R35 large text under $extra is kept, not asked about",
                 "[redo]") {
  const std::string text(64 * 1024, 't');
  REQUIRE(send(R"("eventName":"a",)" + customer
               + R"(,"data":{"n":3,"$extra":{"log":")" + text + "\"}}")
            .status
          == 202);
  const auto page = events();
  CHECK(page.text("/data/0/metadata/$extra/log") == text);
  CHECK(own.api
          .post("/v1/segments",
                R"({"key":"s","name":"S","condition":{"==":[)"
                R"({"var":"event.properties.$extra.log"},"x"]}})")
          .status
        == 422);
}
