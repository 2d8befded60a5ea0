// System events by both doors, and the sessions Troupe makes of events.
#include "engine/json_text.hpp"
#include "engine/system_events.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/tenant.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe::test;
namespace json = boost::json;
namespace engine = troupe::engine;

namespace {

class system_events : protected access_case {
protected:
  api_answer send(const json::object& body, api_client* by = nullptr) {
    return (by == nullptr ? api : *by)
      .post("/v1/system-events", engine::to_json(body));
  }

  static json::object complete(const engine::system_event& of) {
    json::object properties;
    for (const auto name : of.required())
      properties[name]
        = name == "traits" ? json::value(json::object{}) : json::value("x");
    return properties;
  }

  std::string user = fresh("usr_");
};

// Of the reference document, in its words (B30-B55), and of the ingest page
// (B56).
const std::vector<std::pair<std::string, std::string>> documented{
  {"$page_view", "url title referrer path"},
  {"$session_start", "session_id duration"},
  {"$session_end", "session_id duration pages"},
  {"$identify", "traits"},
  {"$screen_view", "name"},
  {"$group", "group_id"},
  {"$alias", "previous_id"},
  {"$form_submitted", "form_id fields"},
  {"$referral_link_created", "program_id link_code"},
  {"$referral_clicked", "referrer_id link_code"},
  {"$referral_converted", "referrer_id referred_id reward"},
  {"$survey_shown", "survey_id type"},
  {"$survey_responded", "survey_id score answers"},
  {"$waitlist_joined", "waitlist_id position"},
  {"$waitlist_referred", "waitlist_id referrer_id"},
  {"$waitlist_approved", "waitlist_id entry_id"},
  {"$email_sent", "campaign_id template_id"},
  {"$email_opened", "campaign_id contact_id"},
  {"$email_clicked", "campaign_id url"},
  {"$email_bounced", "campaign_id bounce_type"},
  {"$email_unsubscribed", "campaign_id reason"},
  {"$nudge_shown", "nudge_id type"},
  {"$nudge_dismissed", "nudge_id"},
  {"$nudge_clicked", "nudge_id action"},
  {"$checklist_step_completed", "checklist_id step_id"},
  {"$checklist_completed", "checklist_id"},
  {"$coupon_redeemed", "coupon_code discount"},
  {"$upgrade_prompt_shown", "prompt_id trigger"},
  {"$upgrade_prompt_clicked", "prompt_id"},
  {"$referral_created", "link_code"},
  {"$experiment_viewed", "experiment_id"},
  {"$nps_submitted", "score"}};

} // namespace

TEST_CASE_METHOD(system_events,
                 "B30 B31 B32 B33 B34 B35 B36 B37 B38 B39 B40 B41 B42 B43 B44 "
                 "B45 B46 B47 B48 B49 B50 B51 B52 B53 B54 B55 B56 the catalog "
                 "is the documented one",
                 "[system][system_events]") {
  const auto listed = api.get("/v1/system-events");
  REQUIRE(listed.status == 200);
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& each : listed.at("/data").as_array()) {
    std::string names;
    for (const auto& name : each.at("properties").as_array())
      names += (names.empty() ? "" : " ") + std::string{name.as_string()};
    found.emplace_back(each.at("name").as_string(), names);
  }
  CHECK(found == documented);
}

TEST_CASE_METHOD(system_events,
                 "B30 B31 B32 B33 B34 B35 B36 B37 B38 B39 B40 B41 B42 B43 B44 "
                 "B45 B46 B47 B48 B49 B50 B51 B52 B53 B54 B55 B56 B76 a "
                 "complete system event is accepted, and none without one of "
                 "its properties",
                 "[system][system_events]") {
  for (const auto& each : engine::system_events()) {
    const std::string name{each.name};
    CAPTURE(name);
    const auto whole = complete(each);
    const auto sent
      = send({{"event", name}, {"user_id", user}, {"properties", whole}});
    CAPTURE(sent.body);
    REQUIRE(sent.status == 202);
    CHECK(sent.at("/success").as_bool());
    const auto shown = api.get("/v1/events/" + sent.text("/id"));
    CHECK(shown.text("/type") == name);
    CHECK(shown.text("/kind") == "system");
    CHECK(shown.text("/origin") == "system");
    CHECK(shown.at("/metadata") == json::value(whole));
    for (const auto missing : each.required()) {
      auto part = whole;
      part.erase(missing);
      const auto refused
        = send({{"event", name}, {"user_id", user}, {"properties", part}});
      CHECK(refused.status == 422);
      CHECK(refused.code() == "field_required");
      CHECK(refused.text("/errors/0/pointer")
            == "/properties/" + std::string{missing});
    }
  }
  CHECK(send({{"event", "$nothing"}, {"user_id", user}}).code()
        == "reserved_event_name");
  CHECK(send({{"event", "signup"}, {"user_id", user}}).code()
        == "reserved_event_name");
}

TEST_CASE_METHOD(system_events,
                 "B23 the native door takes a name with $ that is known and "
                 "complete, and no other",
                 "[system][system_events]") {
  const auto who = by_external_id(user);
  const auto sent = api.emit(
    event_body("$nudge_clicked", who, R"({"nudge_id":"n1","action":"open"})"));
  REQUIRE(sent.status == 200);
  CHECK(event_of(api, sent).text("/origin") == "client");
  const auto partial
    = api.emit(event_body("$nudge_clicked", who, R"({"nudge_id":"n1"})"));
  CHECK(partial.status == 422);
  CHECK(partial.code() == "field_required");
  CHECK(partial.text("/errors/0/pointer") == "/metadata/action");
  const auto unknown = api.emit(event_body("$my_own", who));
  CHECK(unknown.status == 422);
  CHECK(unknown.code() == "reserved_event_name");
  CHECK(unknown.text("/errors/0/pointer") == "/type");
}

TEST_CASE_METHOD(system_events,
                 "B75 B76 a browser's key sends what is seen in a browser, and "
                 "no other system event",
                 "[system][system_events]") {
  auto browser = with_key(make_key(api, R"(["events:write"])", "write"));
  for (const auto& each : engine::system_events()) {
    const std::string name{each.name};
    CAPTURE(name);
    const auto sent = browser.emit(
      event_body(name, by_external_id(user), engine::to_json(complete(each))));
    const auto allowed = each.from == engine::system_event_source::client;
    CHECK(sent.status == (allowed ? 200 : 403));
    if (!allowed)
      CHECK(sent.code() == "event_not_for_browsers");
  }
  CHECK(send({{"event", "$page_view"}, {"user_id", user}}, &browser).code()
        == "scope_required");
  auto server = with_key(make_key(api, R"(["events:write","events:read"])"));
  CHECK(send({{"event", "$page_view"}, {"user_id", user}}, &server).status
        == 403);
}

TEST_CASE_METHOD(system_events,
                 "B33 $identify merges its traits with the contact, by either "
                 "door",
                 "[system][system_events]") {
  const auto who = by_external_id(user);
  REQUIRE(api
            .emit(event_body("$identify", who,
                             R"({"traits":{"plan":"pro","seats":3}})"))
            .status
          == 200);
  REQUIRE(
    send({{"event", "$identify"},
          {"user_id", user},
          {"properties",
           {{"traits", {{"seats", 4}, {"plan", nullptr}, {"city", "Ulm"}}}}}})
      .status
    == 202);
  const auto contact = contact_of(api, user);
  CHECK(contact.at("/attributes")
        == json::value(json::object{{"seats", 4}, {"city", "Ulm"}}));
  CHECK(send({{"event", "$identify"},
              {"user_id", user},
              {"properties", {{"traits", 1}}}})
          .code()
        == "field_type_mismatch");
}

TEST_CASE_METHOD(system_events,
                 "B67 B76 a message_id makes a system event happen once",
                 "[system][system_events]") {
  const json::object body{
    {"event", "$coupon_redeemed"},
    {"contact", {{"email", user + "@example.com"}}},
    {"properties", {{"coupon_code", "MAY"}, {"discount", 5}}},
    {"timestamp", "2026-11-01T10:00:00+02:00"},
    {"value", 4.5},
    {"value_currency", "eur"},
    {"message_id", fresh("msg_")}};
  const auto first = send(body);
  REQUIRE(first.status == 202);
  auto other = body;
  other["properties"] = {{"coupon_code", "JUNE"}, {"discount", 6}};
  for (const auto& again : {send(body), send(other)}) {
    CHECK(again.status == 202);
    CHECK(again.text("/id") == first.text("/id"));
    CHECK(again.header("idempotent-replay") == "true");
  }
  const auto shown = api.get("/v1/events/" + first.text("/id"));
  CHECK(shown.text("/message_id") == body.at("message_id").as_string());
  CHECK(shown.text("/metadata/coupon_code") == "MAY");
  CHECK(shown.text("/occurred_at") == "2026-11-01T08:00:00.000Z");
  CHECK(shown.at("/value").to_number<double>() == 4.5);
  CHECK(shown.text("/value_currency") == "EUR");
}

TEST_CASE_METHOD(system_events,
                 "the body of a system event is checked, member by member",
                 "[system][system_events]") {
  const json::object good{{"event", "$upgrade_prompt_clicked"},
                          {"user_id", user},
                          {"properties", {{"prompt_id", "p"}}}};
  struct wrong {
    std::string member;
    std::string value; // JSON
    std::string code;
    std::string pointer;
  };
  const auto long_text = "\"" + std::string(10'241, 'x') + "\"";
  const std::vector<wrong> cases{
    {"event", "\"\"", "field_required", "/event"},
    {"event", "1", "field_type_mismatch", "/event"},
    {"user_id", "null", "contact_required", "/user_id"},
    {"user_id", "7", "field_type_mismatch", "/user_id"},
    {"contact", R"({"email":"a@b.co"})", "field_invalid", "/contact"},
    {"properties", "1", "field_type_mismatch", "/properties"},
    {"properties", "{\"prompt_id\":" + long_text + "}", "property_too_large",
     "/properties/prompt_id"},
    {"timestamp", "\"2026-11-01T10:00:00\"", "field_invalid", "/timestamp"},
    {"message_id", long_text, "field_invalid", "/message_id"},
    {"value", "\"1\"", "field_type_mismatch", "/value"},
    {"value", "1e16", "field_type_mismatch", "/value"},
    {"value_currency", "\"EUR\"", "field_required", "/value"}};
  for (const auto& each : cases) {
    auto body = good;
    body[each.member] = json::parse(each.value);
    const auto refused = send(body);
    INFO(refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.code() == each.code);
    CHECK(refused.text("/errors/0/pointer") == each.pointer);
  }
  CHECK(send(good).status == 202);
}

TEST_CASE_METHOD(system_events,
                 "B30 a system event starts sequences and is told to webhooks "
                 "as any other",
                 "[system][system_events]") {
  tenant own{api};
  webhook_sink sink;
  REQUIRE(subscribe(own.api, sink.url(), "$waitlist_joined").status == 201);
  publish(own.api, R"({"key":"w","status":"active",
    "trigger":{"any":[{"event":"$waitlist_joined"}]},"entry":"u","nodes":{
    "u":{"type":"update","tags_add":["waiting"],"then":"done"},
    "done":{"type":"exit"}}})");
  const auto sent
    = send({{"event", "$waitlist_joined"},
            {"user_id", user},
            {"properties", {{"waitlist_id", "w"}, {"position", 3}}}},
           &own.api);
  REQUIRE(sent.status == 202);
  CHECK(contact_of(own.api, user).at("/tags")
        == json::value(json::array{"waiting"}));
  const auto calls = sink.wait_for(1, std::chrono::seconds{20});
  REQUIRE(calls.size() == 1);
  CHECK(calls.front().json.at_pointer("/data/origin") == "system");
}

TEST_CASE_METHOD(system_events,
                 "B63 a timestamp names its offset; without one, or as any "
                 "other text, it is refused with its place",
                 "[system][system_events]") {
  const auto at = [&](const std::string& timestamp) {
    return send({{"event", "$coupon_redeemed"},
                 {"user_id", user},
                 {"properties", {{"coupon_code", "X"}, {"discount", 5}}},
                 {"timestamp", timestamp}});
  };
  for (const auto* good :
       {"2026-11-01T10:00:00Z", "2026-11-01T10:00:00.250+02:00"})
    CHECK(at(good).status == 202);
  for (const auto* bad :
       {"2026-11-01T10:00:00", "2026-11-01", "yesterday", ""}) {
    const auto refused = at(bad);
    CAPTURE(bad, refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.text("/errors/0/pointer") == "/timestamp");
  }
}
