#include "engine/webhook_body.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe::engine;

namespace json = boost::json;

namespace {

webhook_message sample() {
  webhook_message out;
  out.id = "evt_1";
  out.delivery_id = "dlv_2";
  out.type = "order.completed";
  out.at = timestamp{std::chrono::seconds{1'700'000'000}};
  out.tenant = "ws_3";
  out.subject = "con_4";
  out.data = R"({"id":"evt_1","metadata":{"cart":7},)"
             R"("contact":{"email":"ada@example.com"}})";
  return out;
}

webhook_payload made(const char* settings) {
  auto out = webhook_payload_of(
    sample(), webhook_form_of(json::parse(settings).as_object()));
  REQUIRE(out);
  return *out;
}

const std::string data = sample().data;

} // namespace

TEST_CASE("each profile brings its vendor's body", "[engine][webhook_body]") {
  const std::string at = "2023-11-14T22:13:20.000Z";
  CHECK(made("{}").body
        == R"({"id":"evt_1","type":"order.completed","timestamp":")" + at
             + R"(","data":)" + data + "}");
  CHECK(made(R"({"profile":"bearer"})").body == made("{}").body);
  CHECK(made(R"({"profile":"genie"})").body
        == R"({"id":"evt_1","type":"order.completed","created_at":")" + at
             + R"(","data":)" + data + "}");
  CHECK(made(R"({"profile":"genie_sdk"})").body
        == R"({"id":"evt_1","event":"order.completed","workspaceId":"ws_3",)"
           R"("occurredAt":")"
             + at + R"(","data":)" + data + "}");
  CHECK(made(R"({"profile":"growthos"})").body
        == R"({"id":"evt_1","type":"order.completed","created_at":")" + at
             + R"(","data":)" + data
             + R"(,"tenant_id":"ws_3","idempotency_key":"idk_2"})");
  CHECK(made(R"({"profile":"growthos","format":"native"})").body
        == made("{}").body);
  CHECK(made("{}").content_type == "application/json");
}

TEST_CASE("format cloudevents is a structured CloudEvent",
          "[engine][webhook_body]") {
  const auto out = made(R"({"profile":"genie","format":"cloudevents"})");
  CHECK(out.content_type == "application/cloudevents+json");
  CHECK(json::parse(out.body)
        == json::parse(R"({"specversion":"1.0","id":"evt_1",
          "source":"/workspaces/ws_3","type":"order.completed",
          "subject":"con_4","time":"2023-11-14T22:13:20.000Z",
          "datacontenttype":"application/json","data":)"
                       + data + "}"));
}

TEST_CASE("format template fills the texts of a JSON value",
          "[engine][webhook_body]") {
  const auto out = made(R"({"format":"template","template":{
    "text":"{{type}} {{cart}} {{event.metadata.cart}} {{data.id}}",
    "to":["{{contact.email}}",{"n":1}]}})");
  CHECK(out.content_type == "application/json");
  CHECK(out.body
        == R"({"text":"order.completed 7 7 evt_1",)"
           R"("to":["ada@example.com",{"n":1}]})");
  const auto text
    = made(R"({"format":"template","template":"{{id}} of {{tenant_id}}"})");
  CHECK(text.content_type == "text/plain; charset=utf-8");
  CHECK(text.body == "evt_1 of ws_3");
}

TEST_CASE("a template that cannot be compiled is refused with its place",
          "[engine][webhook_body]") {
  const auto refused
    = check_webhook_template(json::parse(R"({"a":["x","{{#if}}"]})"));
  REQUIRE_FALSE(refused);
  CHECK(refused.failure().name == "template_syntax");
  CHECK(refused.failure().pointer == "/template/a/1");
}

TEST_CASE("B72 R33 defaults follow the profile", "[engine][webhook_body]") {
  const auto form = [](const char* settings) {
    return webhook_form_of(json::parse(settings).as_object());
  };
  CHECK_FALSE(form("{}").is_ordered);
  CHECK(form(R"({"profile":"bearer"})").is_ordered);
  CHECK_FALSE(form(R"({"profile":"bearer","ordering":"none"})").is_ordered);
  CHECK(form(R"({"ordering":"contact"})").is_ordered);
  CHECK(is_final_refusal(webhook_profile::growthos, 404));
  CHECK_FALSE(is_final_refusal(webhook_profile::growthos, 429));
  CHECK_FALSE(is_final_refusal(webhook_profile::growthos, 500));
  CHECK_FALSE(is_final_refusal(webhook_profile::standard, 404));
}
