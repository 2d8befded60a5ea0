// What webhooks are told that is about no contact.
#include "tests/system/tenant.hpp"
#include "tests/system/webhook_endpoints.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

class contract_notices : protected with_server {
protected:
  api_answer patch(const std::string& body) {
    return own.api.send("PATCH", "/v1/event-types/seat.added", body,
                        {{"content-type", "application/json"}});
  }

  tenant own{api};
};

} // namespace

TEST_CASE_METHOD(contract_notices,
                 "G65 G71 webhooks that listen to schema_contract.changed are "
                 "told of a schema that is another one",
                 "[system][notices]") {
  webhook_sink sink;
  const auto hook
    = subscribe(own.api, sink.url(), "schema_contract.changed").text("/id");
  subscribe(own.api, sink.url(), "other.*");
  REQUIRE(own.api.post("/v1/event-types", R"({"name":"seat.added"})").status
          == 201); // without a schema
  REQUIRE(patch(R"({"schema":{"required":["seat"]}})").status == 200);
  const auto first = sink.wait_for(1, patience);
  REQUIRE(first.size() == 1);
  const auto& body = first.front().json;
  CHECK(body.at("type").as_string() == "schema_contract.changed");
  CHECK(body.at("id").as_string().starts_with("evt_"));
  const auto& told = body.at("data").as_object();
  CHECK(told.at("type").as_string() == "schema_contract.changed");
  CHECK(told.at("name").as_string() == "seat.added");
  CHECK(told.at("schema_before").is_null());
  CHECK(told.at("schema_after").at("required").at(0).as_string() == "seat");
  CHECK(told.contains("changed_at"));
  REQUIRE(patch(R"({"description":"x"})").status == 200);
  REQUIRE(patch(R"({"schema":{"required":["seat"]}})").status
          == 200); // the same one
  REQUIRE(patch(R"({"schema":null})").status == 200);
  const auto calls = sink.wait_for(2, patience);
  REQUIRE(calls.size() == 2);
  CHECK(calls[1].json.at("data").at("schema_after").is_null());
  const std::string id{body.at("id").as_string()};
  CHECK(own.api.get("/v1/events/" + id).status == 404);
  CHECK(own.api.get("/v1/events/" + id + "/trace").status == 404);
  CHECK(own.api.get("/v1/contacts").at("/data").as_array().empty());
  CHECK(own.api.get("/v1/event-types/schema_contract.changed").status == 404);
  api_answer listed;
  REQUIRE(eventually([&] {
    listed = own.api.get("/v1/webhooks/" + hook + "/deliveries");
    return listed.at("/data").as_array().size() == 2
           && listed.text("/data/1/status") == "delivered";
  }));
  CHECK(listed.at("/data/1/contact").is_null());
  CHECK(listed.text("/data/1/event") == id);
  const auto one = own.api.get("/v1/deliveries/" + listed.text("/data/1/id"));
  CHECK(one.text("/attempts/0/request/body") == first.front().body);
  CHECK(one.at("/previous").is_null());
  REQUIRE(
    own.api.post("/v1/deliveries/" + listed.text("/data/1/id") + "/replay", "")
      .status
    < 300);
  CHECK(sink.wait_for(3, patience).size() == 3);
}

TEST_CASE("G71 a notice that could not be delivered outlives kill -9",
          "[system][notices]") {
  steered_sink to{500};
  troupe_server server;
  auto api = server.client();
  subscribe(api, to.sink.url(), "*");
  REQUIRE(
    api.post("/v1/event-types", R"({"name":"a.b","schema":{"required":["c"]}})")
      .status
    == 201);
  calls_across_kill(server, to);
  auto later = server.client();
  CHECK(later.emit(event_body("a.b", by_external_id("u"), R"({"c":1})")).status
        == 200);
}

TEST_CASE("G71 a test workspace keeps its notices in the test outbox",
          "[system][notices]") {
  auto own = test_workspace();
  subscribe(own, "http://127.0.0.1:9/", "schema_contract.changed");
  REQUIRE(
    own.post("/v1/event-types", R"({"name":"a.b","schema":{"required":["c"]}})")
      .status
    == 201);
  const auto kept = outbox_of_one(own);
  CHECK(kept.text("/data/0/kind") == "webhook");
  CHECK(kept.at("/data/0/contact").is_null());
  REQUIRE(own.post("/v1/test-clock/advance", R"({"by":"1d"})").status == 200);
}
