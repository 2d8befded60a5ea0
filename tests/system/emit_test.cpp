// The body and the answer of `POST /v1/events`, over the real socket.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace troupe::test;

namespace {

bool is_ulid(const std::string& text) {
  return text.size() == 26
         && text.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
              == text.npos;
}

// "2026-04-20T11:34:00.123Z"
bool is_utc_with_milliseconds(const std::string& text) {
  const std::string form{"dddd-dd-ddTdd:dd:dd.dddZ"};
  if (text.size() != form.size())
    return false;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
      return false;
  return true;
}

} // namespace

TEST_CASE_METHOD(with_server,
                 "G1 G9 G18 an event is answered with 200 and "
                 "id, type, contact, received_at and fan_out",
                 "[system][emit]") {
  const auto answer
    = api.emit(event_body("order.completed", by_external_id(fresh("usr_")),
                          R"({"order_id":"ord_8a72c0","total_pence":4299})"));
  INFO(answer.body);
  CHECK(answer.status == 200);
  CHECK(answer.header("content-type").starts_with("application/json"));
  for (const auto* member : {"/id", "/type", "/contact/external_id",
                             "/contact/email", "/received_at", "/fan_out"})
    CHECK(answer.has(member));
}

TEST_CASE_METHOD(with_server,
                 "G2 two identical calls without a key are two "
                 "events",
                 "[system][emit]") {
  const auto body = event_body("twice.sent", by_external_id(fresh("usr_")));
  const auto first = api.emit(body);
  const auto second = api.emit(body);
  CHECK(first.status == 200);
  CHECK(second.status == 200);
  CHECK(first.text("/id") != second.text("/id"));
}

TEST_CASE_METHOD(with_server,
                 "G8 the SDK's names of the members are taken as well, and its "
                 "members answered beside the document's",
                 "[system][emit]") {
  const auto who = fresh("usr_");
  const auto body = R"({"name":"order.completed","userId":")" + who
                    + R"(","email":")" + who + R"(@example.com","eventId":")"
                    + who
                    + R"(:1","occurredAt":"2026-04-20T11:34:00Z","traits":)"
                      R"({"plan":"pro","Age":41},"properties":{"n":1}})";
  const auto first = api.emit(body);
  INFO(first.body);
  REQUIRE(first.status == 200);
  CHECK(first.text("/eventId") == first.text("/id"));
  CHECK(first.at("/duplicate") == false);
  CHECK(first.text("/status") == "accepted");
  CHECK(first.text("/resolvedSubjectId") == first.text("/contact/id"));
  CHECK(first.text("/contact/email") == who + "@example.com");
  CHECK(event_of(api, first).number("/metadata/n") == 1);
  CHECK(event_of(api, first).text("/occurred_at")
        == "2026-04-20T11:34:00.000Z");
  CHECK(contact_of(api, who).text("/attributes/plan") == "pro");
  CHECK(contact_of(api, who).number("/attributes/Age") == 41);
  const auto again = api.emit(body);
  CHECK(again.at("/duplicate") == true);
  CHECK(again.text("/eventId") == first.text("/id"));
  CHECK(api.emit(R"({"name":"x"})").text("/errors/0/pointer") == "/userId");
  CHECK(api.emit(R"({"name":"x","userId":"u","properties":{"aB":1}})")
          .text("/errors/0/pointer")
        == "/properties/aB");
  CHECK(api.emit(R"({"name":"x","userId":"u","occurredAt":"soon"})")
          .text("/errors/0/pointer")
        == "/occurredAt");
}

TEST_CASE_METHOD(with_server,
                 "G3 a name never seen before is accepted, stored "
                 "and found at once",
                 "[system][emit]") {
  const auto made
    = api.emit(event_body("zebra.painted", by_external_id(fresh("usr_"))));
  REQUIRE(made.status == 200);
  CHECK(event_of(api, made).text("/type") == "zebra.painted");
  const auto found = api.get("/v1/events?type=zebra.painted");
  CHECK(found.text("/data/0/id") == made.text("/id"));
}

TEST_CASE_METHOD(with_server,
                 "G4 G11 names keep their dots and their case and "
                 "come back unchanged",
                 "[system][emit]") {
  for (const std::string name :
       {"subscription.upgraded", "lesson.completed", "document.shared",
        "Lesson.Completed", "a", "Signup Completed"}) {
    const auto made = api.emit(event_body(name, by_external_id(fresh("usr_"))));
    INFO(made.body);
    CHECK(made.status == 200);
    CHECK(made.text("/type") == name);
    CHECK(event_of(api, made).text("/type") == name);
  }
}

TEST_CASE_METHOD(with_server,
                 "G5 a type that is missing, empty or no string "
                 "is refused by name",
                 "[system][emit]") {
  const auto who = fresh("usr_");
  const auto contact = ",\"contact\":" + by_external_id(who) + "}";
  for (const auto& [type, code] :
       {std::pair<std::string, std::string>{"{\"x\":1", "field_required"},
        {"{\"type\":\"\"", "field_required"},
        {"{\"type\":7", "field_type_mismatch"},
        {"{\"type\":[\"a\"]", "field_type_mismatch"}}) {
    const auto refused = api.emit(type + contact);
    INFO(type << " " << refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.code() == code);
    CHECK(refused.text("/error/fields/0/path") == "type");
  }
  CHECK(contact_of(api, who).status == 404);
}

TEST_CASE_METHOD(with_server, "G6 driving a sequence invents no events",
                 "[system][emit]") {
  const auto type = fresh("g6.started.");
  const auto who = fresh("usr_");
  publish(api, R"({"key":"g6","status":"active","trigger":{"any":[{"event":")"
                 + type + R"("}]},"entry":"mark","nodes":{
      "mark":{"type":"update","tags_add":["seen"],"score_add":3,"then":"rest"},
      "rest":{"type":"wait","for":"1h","then":"done"},
      "done":{"type":"exit"}}})");
  REQUIRE(api.emit(event_body(type, by_external_id(who))).status == 200);
  const auto found = api.get("/v1/events?contact[external_id]=" + who);
  INFO(found.body);
  CHECK(found.at("/data").as_array().size() == 1);
  CHECK(found.text("/data/0/type") == type);
}

TEST_CASE_METHOD(with_server, "G7 metadata may be left out and is then {}",
                 "[system][emit]") {
  const auto made = api.emit(
    "{\"type\":\"g7.bare\",\"contact\":" + by_external_id(fresh("usr_")) + "}");
  REQUIRE(made.status == 200);
  const auto shown = event_of(api, made);
  REQUIRE(shown.at("/metadata").is_object());
  CHECK(shown.at("/metadata").get_object().empty());
}

TEST_CASE_METHOD(with_server, "G10 ids are evt_ and a ULID, and grow with time",
                 "[system][emit]") {
  std::string last;
  for (int i = 0; i < 50; ++i) {
    const auto made
      = api.emit(event_body("g10.counted", by_external_id(fresh("usr_"))));
    const auto id = made.text("/id");
    REQUIRE(id.starts_with("evt_"));
    CHECK(is_ulid(id.substr(4)));
    CHECK(last < id);
    last = id;
  }
}

TEST_CASE_METHOD(with_server,
                 "G12 the answer has the contact's known e-mail "
                 "although only its external_id was sent",
                 "[system][emit]") {
  const auto who = fresh("usr_");
  const auto address = fresh("ada") + "@example.com";
  api.emit(event_body("g12.first", R"({"external_id":")" + who
                                     + R"(","email":")" + address + "\"}"));
  const auto made = api.emit(event_body("g12.second", by_external_id(who)));
  CHECK(made.text("/contact/external_id") == who);
  CHECK(made.text("/contact/email") == address);
}

TEST_CASE_METHOD(with_server,
                 "G13 received_at is ISO 8601 in UTC with "
                 "milliseconds",
                 "[system][emit]") {
  const auto made
    = api.emit(event_body("g13.timed", by_external_id(fresh("usr_"))));
  CHECK(is_utc_with_milliseconds(made.text("/received_at")));
  const auto shown = event_of(api, made);
  CHECK(shown.text("/received_at") == made.text("/received_at"));
}

TEST_CASE_METHOD(with_server,
                 "G17 an event that nothing waits for reports "
                 "zeros and is stored",
                 "[system][emit]") {
  const auto made
    = api.emit(event_body("g17.nobody", by_external_id(fresh("usr_"))));
  CHECK(made.number("/fan_out/sequences_woken") == 0);
  CHECK(made.number("/fan_out/webhooks_dispatched") == 0);
  CHECK(event_of(api, made).status == 200);
}

TEST_CASE_METHOD(with_server, "an event id that does not exist is 404",
                 "[system][emit]") {
  for (const auto* id : {"evt_00000000000000000000000000", "evt_x", "order"}) {
    const auto answer = api.get(std::string{"/v1/events/"} + id);
    INFO(answer.body);
    CHECK(answer.status == 404);
    CHECK_FALSE(answer.code().empty());
  }
}
