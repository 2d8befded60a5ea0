// What webhooks are told of contacts besides their events.
#include "tests/system/tenant.hpp"
#include "tests/system/webhook_endpoints.hpp"

#include <boost/json/parse.hpp>

using namespace troupe::test;

namespace json = boost::json;

namespace {

class contact_notices : protected with_server {
protected:
  json::object next(webhook_sink& sink, std::size_t count) {
    const auto calls = sink.wait_for(count, patience);
    REQUIRE(calls.size() == count);
    return calls.back().json.as_object();
  }

  api_answer saw(const std::string& type, const std::string& contact) {
    auto made = own.api.emit(event_body(type, contact));
    INFO(made.body);
    REQUIRE(made.status == 200);
    return made;
  }

  tenant own{api};
};

} // namespace

TEST_CASE_METHOD(contact_notices,
                 "B73 contact.created and contact.updated tell of a contact, "
                 "once for each turn that caused it",
                 "[system][notices]") {
  webhook_sink sink;
  webhook_sink all;
  const auto hook = subscribe(own.api, sink.url(), "contact.*").text("/id");
  subscribe(own.api, all.url(), "*");
  const auto first
    = saw("order.completed", R"({"external_id":"ada","email":"a@x.example"})");
  CHECK(first.number("/fan_out/webhooks_dispatched") == 1); // of the event
  const auto created = next(sink, 1);
  CHECK(created.at("type") == "contact.created");
  CHECK(created.at("id") != json::value(first.text("/id")));
  const auto& told = created.at("data");
  CHECK(told.at("contact").at("id").as_string().starts_with("con_"));
  CHECK(told.at("contact").at("external_id") == "ada");
  CHECK(told.at("contact").at("email") == "a@x.example");
  CHECK(told.at("event") == json::value(first.text("/id")));
  saw("order.completed", R"({"external_id":"ada"})"); // changes nothing
  const auto written
    = own.api.send("PATCH", "/v1/contacts/external_id:ada",
                   R"({"attributes":{"plan":"pro"},"tags":["vip"]})",
                   {{"content-type", "application/json"}});
  REQUIRE(written.status == 200);
  const auto updated = next(sink, 2);
  CHECK(updated.at("type") == "contact.updated");
  CHECK(updated.at("data").at("changed")
        == json::array{"attributes.plan", "tags"});
  CHECK(updated.at("data").at("contact").at("attributes").at("plan") == "pro");
  CHECK(updated.at("data").at("event").is_null());
  // "*" is all events, and these are none.
  for (const auto& each : all.wait_for(2, patience))
    CHECK(each.json.at("type") == "order.completed");
  api_answer listed;
  REQUIRE(eventually([&] {
    listed = own.api.get("/v1/webhooks/" + hook + "/deliveries");
    return listed.text("/data/0/status") == "delivered"
           && listed.at("/data").as_array().size() == 2;
  }));
  const auto one = own.api.get("/v1/deliveries/" + listed.text("/data/1/id"));
  CHECK(json::parse(one.text("/attempts/0/request/body")) == created);
  const auto replayed = own.api.post(
    "/v1/deliveries/" + listed.text("/data/1/id") + "/replay", "");
  REQUIRE(replayed.status < 300);
  CHECK(next(sink, 3) == created);
  CHECK(own.api.get("/v1/events/" + std::string{created.at("id").as_string()})
          .status
        == 404);
  const auto timeline = own.api.get("/v1/contacts/external_id:ada/timeline");
  CHECK(timeline.number("/data/0/webhooks") == 1);
  CHECK(timeline.number("/data/0/sends") == 0);
  CHECK(timeline.text("/data/0/deliveries/0/webhook") == hook);
  CHECK(timeline.text("/data/0/deliveries/0/type") == "contact.updated");
  const auto trace = own.api.get("/v1/events/" + first.text("/id") + "/trace");
  INFO(trace.body);
  CHECK(trace.status == 200);
  CHECK(trace.body.find("contact.created") != std::string::npos);
}

TEST_CASE_METHOD(contact_notices,
                 "B73 contact.merged names who became part of whom",
                 "[system][notices]") {
  webhook_sink sink;
  subscribe(own.api, sink.url(), "contact.merged");
  const auto visitor = saw("page.seen", R"({"anonymous_id":"cookie"})");
  saw("page.seen", R"({"external_id":"ada"})");
  saw("user.signed_up", R"({"external_id":"ada","anonymous_id":"cookie"})");
  const auto merged = next(sink, 1);
  CHECK(merged.at("type") == "contact.merged");
  CHECK(merged.at("data").at("contact").at("external_id") == "ada");
  CHECK(merged.at("data").at("contact").at("anonymous_ids")
        == json::array{"cookie"});
  CHECK(merged.at("data").at("absorbed")
        == json::array{visitor.text("/contact/id")});
}

TEST_CASE_METHOD(contact_notices,
                 "G65 sequence.transitioned tells of each node that a run "
                 "comes to",
                 "[system][notices]") {
  webhook_sink sink;
  subscribe(own.api, sink.url(), "sequence.transitioned");
  const auto key = fresh("moved_");
  publish(own.api, sequence_on(key, "start.it",
                               R"("s":{"type":"wait","any":[{"event":"go.on"}],
          "then":"x","timeout":"1d","on_timeout":"x"})"));
  saw("start.it", R"({"external_id":"ada"})");
  const auto began = next(sink, 1).at("data").as_object();
  CHECK(began.at("sequence") == json::value(key));
  CHECK(began.at("from").is_null());
  CHECK(began.at("to") == "s");
  CHECK(began.at("status") == "active");
  CHECK(began.at("contact").at("external_id") == "ada");
  const auto runs = own.api.get("/v1/contacts/external_id:ada/runs");
  CHECK(began.at("run") == json::value(runs.text("/data/0/id")));
  saw("go.on", R"({"external_id":"ada"})");
  const auto ended = next(sink, 2).at("data").as_object();
  CHECK(ended.at("from") == "s");
  CHECK(ended.at("to") == "x");
  CHECK(ended.at("status") == "completed");
  CHECK(ended.at("run") == began.at("run"));
}

TEST_CASE("B73 a notice about a contact outlives kill -9, and is told once",
          "[system][notices]") {
  steered_sink to{500};
  troupe_server server;
  auto api = server.client();
  const auto hook
    = subscribe(api, to.sink.url(), "contact.created").text("/id");
  REQUIRE(api.emit(event_body("a.b", by_external_id("ada"))).status == 200);
  const auto calls = calls_across_kill(server, to);
  CHECK(calls.back().headers.at("webhook-id")
        == calls.front().headers.at("webhook-id"));
  auto later = server.client();
  REQUIRE(later.emit(event_body("a.b", by_external_id("ada"))).status == 200);
  REQUIRE(later.emit(event_body("a.b", by_external_id("bob"))).status == 200);
  REQUIRE(eventually([&] {
    const auto all = later.get("/v1/webhooks/" + hook + "/deliveries");
    return all.at("/data").as_array().size() == 2
           && all.text("/data/0/status") == "delivered"
           && all.text("/data/1/status") == "delivered";
  }));
}

TEST_CASE("B73 a test workspace keeps notices about contacts",
          "[system][notices]") {
  auto own = test_workspace();
  subscribe(own, "http://127.0.0.1:9/", "contact.created");
  REQUIRE(own.emit(event_body("a.b", by_external_id("ada"))).status == 200);
  const auto kept = outbox_of_one(own);
  CHECK(kept.text("/data/0/kind") == "webhook");
  CHECK(kept.body.find("contact.created") != std::string::npos);
}
