// Personal data in the properties of events, and what the workspace's setting
// `pii` does about it.
#include "engine/json_text.hpp"
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

class personal_data : protected with_server {
protected:
  void set_rule(const std::string& rule) {
    const auto answer = own.api.send("PATCH", "/v1/workspaces/" + own.id(),
                                     R"({"pii":")" + rule + "\"}",
                                     {{"content-type", "application/json"}});
    INFO(answer.body);
    REQUIRE(answer.status == 200);
  }

  api_answer emit(const std::string& metadata, const std::string& key = {}) {
    return own.api.emit(event_body("subscription.created",
                                   R"({"external_id":")" + user
                                     + R"(","email":"ada@example.com"})",
                                   metadata),
                        key);
  }

  api_answer system_event(const std::string& event,
                          const std::string& properties) {
    return own.api.post("/v1/system-events",
                        R"({"event":")" + event + R"(","user_id":")" + user
                          + R"(","properties":)" + properties + "}");
  }

  /// Whether the text is anywhere in what the server stores.
  static bool stores(const std::string& text) {
    return shared_server().stored().find(text) != std::string::npos;
  }

  tenant own{api};
  std::string user = fresh("usr_");
};

constexpr auto avoided
  = R"({"plan":"pro","email":"eve@example.com","buyer":{"full_name":"Eve"}})";

} // namespace

TEST_CASE_METHOD(personal_data,
                 "B64 personal data in properties is linted with its path",
                 "[system][personal_data]") {
  const auto shown = event_of(own.api, emit(avoided));
  CHECK(shown.text("/metadata/email") == "eve@example.com");
  REQUIRE(shown.at("/lints").as_array().size() == 2);
  CHECK(shown.text("/lints/0/code") == "pii_property");
  CHECK(shown.text("/lints/0/path") == "email");
  CHECK(shown.text("/lints/1/path") == "buyer.full_name");
  const auto good = event_of(
    own.api, emit(R"({"plan_name":"pro","billing_interval":"annual"})"));
  CHECK_FALSE(good.has("/lints"));
}

TEST_CASE_METHOD(personal_data,
                 "B64 a workspace that rejects personal data answers 422 with "
                 "the place and what to do, at every door",
                 "[system][personal_data]") {
  set_rule("reject");
  const auto refused = emit(avoided);
  CHECK(refused.status == 422);
  CHECK(refused.code() == "pii_not_allowed");
  CHECK(refused.text("/errors/0/pointer") == "/metadata/email");
  CHECK(refused.text("/detail").find("attribute") != std::string::npos);
  CHECK(refused.body.find("eve@") == std::string::npos);
  const auto nested = emit(R"({"to":["x","eve@example.com"]})");
  CHECK(nested.text("/errors/0/pointer") == "/metadata/to/1");
  for (const auto& [metadata, place] :
       {std::pair{R"({"phone":["+447700900123"]})", "/metadata/phone/0"},
        {R"({"name":{"first":"Ada"}})", "/metadata/name/first"},
        {R"({"customers":{"name":"Ada"}})", "/metadata/customers/name"}})
    CHECK(emit(metadata).text("/errors/0/pointer") == place);
  const auto of_module = system_event(
    "$form_submitted", R"({"form_id":"f","fields":{"phone":"+44123"}})");
  CHECK(of_module.code() == "pii_not_allowed");
  CHECK(of_module.text("/errors/0/pointer") == "/properties/fields/phone");
  const auto by_sdk
    = own.api.post("/v1/events", R"({"name":"a","userId":")" + user
                                   + R"(","properties":{"email":"e@x.org"}})");
  CHECK(by_sdk.text("/errors/0/pointer") == "/properties/email");
  CHECK(contact_of(own.api, user).status == 404); // nothing was stored
  CHECK(emit(R"({"plan":"pro"})").status == 200);
  CHECK(
    system_event("$identify", R"({"traits":{"email":"e@example.com"}})").status
    == 202);
}

TEST_CASE_METHOD(personal_data,
                 "B64 a workspace that redacts personal data stores a mask in "
                 "its place, and nothing of it",
                 "[system][personal_data]") {
  set_rule("redact");
  const std::string unwanted
    = R"({"plan":"pro","email":"zoe@example.com","buyer":{"full_name":"Z"}})";
  const auto sent = emit(unwanted, "key-1");
  REQUIRE(sent.status == 200);
  const auto shown = event_of(own.api, sent);
  CHECK(engine::to_json(shown.at("/metadata"))
        == R"({"plan":"pro","email":"••••","buyer":{"full_name":"••••"}})");
  CHECK(shown.text("/contact/email") == "ada@example.com");
  REQUIRE(shown.at("/lints").as_array().size() == 2);
  CHECK(shown.text("/lints/0/code") == "pii_property");
  CHECK(shown.text("/lints/0/path") == "email");
  CHECK(emit(unwanted, "key-1").text("/id") == sent.text("/id"));
  REQUIRE(system_event("$form_submitted",
                       R"({"form_id":"f","fields":{"phone":"+44123","a":1}})")
            .status
          == 202);
  const auto form = own.api.get("/v1/events?type=$form_submitted");
  CHECK(engine::to_json(form.at("/data/0/metadata/fields"))
        == R"({"phone":"••••","a":1})");
  publish(own.api,
          R"({"key":"s","name":"s","status":"active","trigger":{"any":)"
          R"([{"event":"subscription.created"}]},"entry":"u","nodes":{"u":)"
          R"({"type":"update","set":{"seen":{"var":"event.properties.email"}},)"
          R"("then":"x"},"x":{"type":"exit"}}})");
  REQUIRE(emit(unwanted).status == 200);
  CHECK(contact_of(own.api, user).text("/attributes/seen") == "••••");
  REQUIRE(own.api
            .emit(R"({"type":"a","contact":{"external_id":")" + user
                  + R"("},"metadata":{},"properties":{"email":"zoe@x.org"}})")
            .status
          == 200); // the other shape's name: passed over
  CHECK_FALSE(stores("zoe@"));
  CHECK(stores(user));
}

TEST_CASE_METHOD(personal_data,
                 "B58 B64 who converted whom is kept where personal data is "
                 "masked, also when contacts are known by their addresses",
                 "[system][personal_data]") {
  set_rule("redact");
  const auto type = std::string{"$referral_converted"};
  REQUIRE(system_event(type, R"({"referrer_id":"ada@x.org",
    "referred_id":"bob@x.org","reward":"10","note":"bob@x.org"})")
            .status
          == 202);
  const auto shown = own.api.get("/v1/events?type=" + type);
  CHECK(shown.text("/data/0/metadata/referrer_id") == "ada@x.org");
  CHECK(shown.text("/data/0/metadata/note") == "••••");
}
