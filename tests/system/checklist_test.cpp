// Checklists, and how far contacts come: funnels.
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class checklists : protected with_server {
protected:
  api_answer define(const std::string& body) {
    return own.api.post("/v1/checklists", body);
  }

  api_answer done(const std::string& step) {
    return own.api.post(
      "/v1/system-events",
      R"({"event":"$checklist_step_completed","user_id":")" + user
        + R"(","properties":{"checklist_id":"setup","step_id":")" + step
        + "\"}}");
  }

  api_answer completed() {
    return own.api.get("/v1/events?type=$checklist_completed");
  }

  tenant own{api};
  std::string user = fresh("usr_");
};

class funnels : protected with_server {
protected:
  void send(const std::string& user, const std::string& type) {
    REQUIRE(own.api.emit(event_body(type, by_external_id(user))).status == 200);
  }

  std::vector<std::int64_t> counts(const std::string& rest = "") {
    const auto shown = own.api.get("/v1/funnels/f" + rest);
    INFO(shown.body);
    REQUIRE(shown.status == 200);
    CHECK_FALSE(shown.at("/truncated").as_bool());
    std::vector<std::int64_t> found;
    for (const auto& each : shown.at("/counts").as_array())
      found.push_back(each.at("contacts").as_int64());
    return found;
  }

  tenant own{api};
};

} // namespace

TEST_CASE_METHOD(checklists,
                 "B51 B52 B77 $checklist_completed comes once, with the last "
                 "step of its checklist",
                 "[system][checklists]") {
  REQUIRE(define(R"({"key":"setup","steps":["profile","invite"]})").status
          == 201);
  REQUIRE(done("profile").status == 202);
  REQUIRE(done("profile").status == 202);
  REQUIRE(done("another").status == 202);
  CHECK(completed().at("/data").as_array().empty());
  REQUIRE(done("invite").status == 202);
  REQUIRE(eventually([&] {
    return !completed().at("/data").as_array().empty();
  }));
  REQUIRE(done("invite").status == 202);
  const auto found = completed();
  REQUIRE(found.at("/data").as_array().size() == 1);
  CHECK(found.text("/data/0/metadata/checklist_id") == "setup");
  CHECK(found.text("/data/0/contact/external_id") == user);
  CHECK(found.text("/data/0/origin") == "system");
}

TEST_CASE_METHOD(checklists,
                 "B77 nobody else says that a checklist of the workspace is "
                 "completed",
                 "[system][checklists]") {
  const auto claim = [&](const std::string& checklist) {
    return own.api.post("/v1/system-events",
                        R"({"event":"$checklist_completed","user_id":")" + user
                          + R"(","properties":{"checklist_id":")" + checklist
                          + "\"}}");
  };
  REQUIRE(define(R"({"key":"setup","steps":["profile"]})").status == 201);
  const auto refused = claim("setup");
  CHECK(refused.status == 422);
  CHECK(refused.code() == "checklist_is_kept");
  CHECK(refused.text("/errors/0/pointer") == "/properties/checklist_id");
  CHECK(claim("of another module").status == 202);
  REQUIRE(own.api.send("DELETE", "/v1/checklists/setup", "", {}).status == 200);
  CHECK(claim("setup").status == 202);
  REQUIRE(define(R"({"key":"setup","steps":["profile"]})").status == 201);
  const auto by_native
    = own.api.emit(event_body("$checklist_completed", by_external_id(user),
                              R"({"checklist_id":"setup"})"));
  CHECK(by_native.code() == "checklist_is_kept");
  CHECK(by_native.text("/errors/0/pointer") == "/metadata/checklist_id");
}

TEST_CASE_METHOD(checklists,
                 "a checklist is shown, listed and changed by its "
                 "key",
                 "[system][checklists]") {
  const auto made
    = define(R"({"key":"setup","name":"Set-up","steps":["b","a"]})");
  INFO(made.body);
  REQUIRE(made.status == 201);
  REQUIRE(define(R"({"key":"other","steps":["x"]})").status == 201);
  CHECK(own.api.get("/v1/checklists/setup").json == made.json);
  CHECK(own.api.get("/v1/checklists/" + made.text("/id")).json == made.json);
  CHECK(made.at("/steps") == boost::json::value(boost::json::array{"b", "a"}));
  const auto changed = define(R"({"key":"setup","steps":["a","c"]})");
  CHECK(changed.text("/id") == made.text("/id"));
  CHECK(changed.at("/name").is_null());
  const auto first = own.api.get("/v1/checklists?limit=1");
  CHECK(first.text("/data/0/key") == "setup");
  const auto second = own.api.get("/v1/checklists?limit=1&cursor="
                                  + first.text("/next_cursor"));
  CHECK(second.text("/data/0/key") == "other");
  CHECK(own.api.get("/v1/checklists/none").code() == "checklist_not_found");
  for (const auto& [wrong, pointer] :
       {std::pair{R"({"steps":["a"]})", "/key"},
        std::pair{R"({"key":"a/b","steps":["a"]})", "/key"},
        std::pair{R"({"key":"k"})", "/steps"},
        std::pair{R"({"key":"k","steps":[]})", "/steps"},
        std::pair{R"({"key":"k","steps":["a",""]})", "/steps/1"},
        std::pair{R"({"key":"k","steps":["a","a"]})", "/steps/1"},
        std::pair{R"({"key":"k","steps":["a"],"name":1})", "/name"},
        std::pair{R"({"key":"k","steps":["a"],"more":1})", "/more"}}) {
    const auto refused = define(wrong);
    INFO(refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.text("/errors/0/pointer") == pointer);
  }
}

TEST_CASE_METHOD(funnels,
                 "B79 a funnel says how many contacts came to each step, in a "
                 "period",
                 "[system][funnels]") {
  const auto made = own.api.post(
    "/v1/funnels",
    R"({"key":"f","steps":["signed_up","created","paid"],"within":"7d"})");
  INFO(made.body);
  REQUIRE(made.status == 201);
  CHECK(made.text("/within") == "7d");
  CHECK(counts() == std::vector<std::int64_t>{0, 0, 0});
  for (const auto* user : {"a", "b", "c"})
    send(user, "signed_up");
  for (const auto* user : {"b", "c", "d"})
    send(user, "created");
  send("c", "paid");
  send("d", "paid");
  send("a", "something.else");
  CHECK(counts() == std::vector<std::int64_t>{3, 2, 1});
  CHECK(counts("?until=2026-01-01T00:00:00Z&since=2025-01-01T00:00:00Z")
        == std::vector<std::int64_t>{0, 0, 0});
  CHECK(own.api.get("/v1/funnels").text("/data/0/key") == "f");
  CHECK(own.api.get("/v1/funnels/none").code() == "funnel_not_found");
  CHECK(own.api.get("/v1/funnels/f?within=1d").code()
        == "query_parameter_unknown");
  for (const auto& [wrong, pointer] :
       {std::pair{R"({"key":"k","steps":["a"]})", "/steps"},
        std::pair{R"({"key":"k","steps":["a",1]})", "/steps/1"},
        std::pair{R"({"key":"k","steps":["a","b"],"within":"soon"})",
                  "/within"}}) {
    const auto refused = own.api.post("/v1/funnels", wrong);
    INFO(refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.text("/errors/0/pointer") == pointer);
  }
}

TEST_CASE_METHOD(funnels,
                 "B79 a contact that became another one came as far as both",
                 "[system][funnels]") {
  REQUIRE(
    own.api.post("/v1/funnels", R"({"key":"f","steps":["seen","paid"]})").status
    == 201);
  REQUIRE(
    own.api.emit(event_body("seen", R"({"anonymous_id":"anon-1"})")).status
    == 200);
  send("u", "paid.not");
  REQUIRE(own.api
            .emit(event_body("paid",
                             R"({"external_id":"u","anonymous_id":"anon-1"})"))
            .status
          == 200);
  CHECK(counts() == std::vector<std::int64_t>{1, 1});
}

TEST_CASE_METHOD(funnels,
                 "B62 B79 an event type that is in use is not archived: "
                 "sequences, funnels and webhooks are named",
                 "[system][funnels]") {
  send("u", "paid");
  REQUIRE(
    own.api.post("/v1/funnels", R"({"key":"f","steps":["seen","paid"]})").status
    == 201);
  publish(own.api, R"({"key":"s","status":"active",
    "trigger":{"any":[{"event":"paid"}]},"entry":"done",
    "nodes":{"done":{"type":"exit"}}})");
  const auto hook = subscribe(own.api, "http://127.0.0.1:1/", "paid");
  REQUIRE(hook.status == 201);
  const auto refused = own.api.post("/v1/event-types/paid/archive", "");
  CHECK(refused.status == 409);
  CHECK(refused.code() == "in_use");
  std::vector<std::string> named;
  for (const auto& each : refused.at("/dependants").as_array())
    named.push_back(std::string{each.at("kind").as_string()} + " "
                    + std::string{each.at("key").as_string()});
  CHECK(named
        == std::vector<std::string>{"sequence s", "funnel f",
                                    "webhook " + hook.text("/id")});
  const auto remove = [&](const std::string& target) {
    return own.api.send("DELETE", target, "", {}).status;
  };
  CHECK(remove("/v1/funnels/f") == 200);
  CHECK(remove("/v1/funnels/f") == 404);
  CHECK(remove("/v1/webhooks/" + hook.text("/id")) == 200);
  REQUIRE(own.api.post("/v1/sequences/s/archive", "").status == 200);
  CHECK(own.api.post("/v1/event-types/paid/archive", "").status == 200);
}
