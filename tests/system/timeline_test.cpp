// What support and marketing read of a contact.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

TEST_CASE_METHOD(with_server,
                 "R5 a contact's timeline has the event, the steps of "
                 "sequences, what was sent and what came of it",
                 "[system][timeline]") {
  tenant own{api};
  const auto user = fresh("usr_");
  REQUIRE(own.api
            .post("/v1/webhooks", R"({"url":"https://unreachable.invalid/",)"
                                  R"("events":["order.completed"]})")
            .status
          == 201);
  publish(own.api,
          R"({"key":"thanks","name":"t","status":"active","trigger":{"any":)"
          R"([{"event":"order.completed"}]},"entry":"tag","nodes":{)"
          R"("tag":{"type":"update","tags_add":["buyer"],"then":"say"},)"
          R"("say":{"type":"send","channel":"capture","text":"Thanks",)"
          R"("then":"x"},"x":{"type":"exit"}}})");
  REQUIRE(own.api
            .emit(event_body("order.completed", by_external_id(user),
                             R"({"order_id":"o1"})"))
            .status
          == 200);
  const auto timeline = contact_of(own.api, user, "/timeline");
  INFO(timeline.body);
  CHECK(timeline.text("/data/0/event/type") == "order.completed");
  CHECK(timeline.text("/data/0/event/metadata/order_id") == "o1");
  std::string steps;
  for (const auto& each : timeline.at("/data/0/changes").as_array()) {
    const auto& change = each.as_object();
    if (const auto* node = change.if_contains("node"))
      steps += std::string{node->as_string()} + " ";
    if (const auto* tag = change.if_contains("tag_added"))
      steps += "+" + std::string{tag->as_string()} + " ";
  }
  CHECK(steps == "tag +buyer say x ");
  REQUIRE(timeline.at("/data/0/deliveries").as_array().size() == 2);
  CHECK(timeline.text("/data/0/deliveries/0/webhook").starts_with("whe_"));
  CHECK(timeline.text("/data/0/deliveries/1/channel") == "capture");
  CHECK(timeline.text("/data/0/deliveries/1/sequence") == "thanks");
  CHECK(timeline.text("/data/0/deliveries/1/node") == "say");
  const auto sent = timeline.text("/data/0/deliveries/1/id");
  CHECK(eventually([&] {
    return own.api.get("/v1/deliveries/" + sent).text("/status") == "delivered";
  }));
  CHECK(
    own.api.get("/v1/deliveries/" + timeline.text("/data/0/deliveries/0/id"))
      .text("/event")
    == timeline.text("/data/0/event/id"));
}

TEST_CASE_METHOD(with_server,
                 "R5 B75 B77 the timeline shows sessions and checklists",
                 "[system][timeline]") {
  tenant own{api};
  const auto user = fresh("usr_");
  REQUIRE(
    own.api.post("/v1/checklists", R"({"key":"setup","steps":["a"]})").status
    == 201);
  REQUIRE(own.api
            .emit(event_body("$page_view", by_external_id(user),
                             R"({"url":"/","title":"t","referrer":"r",)"
                             R"("path":"/"})"))
            .status
          == 200);
  REQUIRE(own.api
            .post("/v1/system-events",
                  R"({"event":"$checklist_step_completed","user_id":")" + user
                    + R"(","properties":{"checklist_id":"setup",)"
                      R"("step_id":"a"}})")
            .status
          == 202);
  const auto shown = contact_of(own.api, user, "/timeline");
  INFO(shown.body);
  CHECK(shown.status == 200);
  CHECK(shown.body.find("\"session_opened\"") != std::string::npos);
  CHECK(shown.body.find("\"checklist_done\":\"setup\"") != std::string::npos);
}
