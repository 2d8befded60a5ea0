// Workspaces and API keys over the real socket; who may do what on every route
// is in authorisation_test.cpp.
#include "tests/system/fixture.hpp"
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

header_list json_fields(const std::string& body) {
  if (body.empty())
    return {};
  return {{"Content-Type", "application/json"}};
}

} // namespace

TEST_CASE_METHOD(access_case,
                 "A3 a key that is revoked while the body is on its way "
                 "writes no more",
                 "[system][access]") {
  const auto made = make_key(api, R"(["events:write"])");
  const auto body
    = event_body("late.sent", by_external_id(fresh("usr_revoked_")));
  troupe::support::raw_client raw{shared_server().port()};
  raw.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
           "Content-Type: application/json\r\nAuthorization: Bearer "
           + made.text("/key")
           + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  REQUIRE(raw.receive(false).status == 100);
  REQUIRE(api.send("DELETE", "/v1/keys/" + made.text("/id"), "", {}).status
          == 200);
  const auto refused = raw.ask(body);
  CHECK(refused.status == 401);
  CHECK(refused.body.find("revoked_api_key") != std::string::npos);
  CHECK(api.get("/v1/events?type=late.sent").at("/data").as_array().empty());
}

TEST_CASE_METHOD(access_case,
                 "the first key of a workspace may do all there and nothing to "
                 "the installation",
                 "[system][access]") {
  tenant own{api};
  const auto keys = own.api.get("/v1/keys");
  CHECK(keys.at("/data/0/scopes").as_array().size() == 4);
  CHECK(own.api.post("/v1/workspaces", R"({"name":"more"})").code()
        == "scope_required");
  CHECK(own.api.get("/v1/workspaces").status == 403);
}

TEST_CASE_METHOD(access_case,
                 "A3 requests pipelined behind the revocation of their own key "
                 "are refused",
                 "[system][access]") {
  const auto made = make_key(api, R"(["events:write","events:read","manage"])");
  const auto fields = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                      + made.text("/key") + "\r\n\r\n";
  troupe::support::raw_client raw{shared_server().port()};
  raw.send("GET /v1/events" + fields + "DELETE /v1/keys/" + made.text("/id")
           + fields + "GET /v1/events" + fields + "GET /v1/keys" + fields);
  CHECK(raw.receive().status == 200);
  CHECK(raw.receive().status == 200);
  CHECK(raw.receive().status == 401);
  CHECK(raw.receive().status == 401);
}

TEST_CASE_METHOD(access_case,
                 "G53 I1 I6 what another workspace has is as absent as what "
                 "does not exist",
                 "[system][access]") {
  tenant one{api};
  tenant two{api};
  const auto sent
    = one.api.emit(event_body("i1.sent", by_external_id("usr_i1")));
  REQUIRE(sent.status == 200);
  const auto key = make_key(one.api, R"(["events:read"])");
  const auto same_shape
    = [&](const char* method, const std::string& foreign,
          const std::string& absent, const std::string& body = "") {
        const auto fields = json_fields(body);
        const auto there = two.api.send(method, foreign, body, fields);
        const auto nowhere = two.api.send(method, absent, body, fields);
        INFO(method << " " << foreign << " " << there.body);
        CHECK(there.status == 404);
        CHECK(nowhere.status == 404);
        CHECK(there.code() == nowhere.code());
        CHECK(there.text("/detail") == nowhere.text("/detail"));
        CHECK(there.json.as_object().size() == nowhere.json.as_object().size());
      };
  const std::string none = "00000000000000000000000000";
  same_shape("GET", "/v1/events/" + sent.text("/id"), "/v1/events/evt_" + none);
  for (const std::string rest : {"", "/runs", "/timeline", "/stats"}) {
    same_shape("GET", "/v1/contacts/" + sent.text("/contact/id") + rest,
               "/v1/contacts/con_" + none + rest);
    same_shape("GET", "/v1/contacts/external_id:usr_i1" + rest,
               "/v1/contacts/external_id:nobody" + rest);
  }
  same_shape("DELETE", "/v1/keys/" + key.text("/id"), "/v1/keys/key_" + none);
  same_shape("GET", "/v1/workspaces/" + one.id(), "/v1/workspaces/ws_" + none);
  same_shape("PATCH", "/v1/workspaces/" + one.id(), "/v1/workspaces/ws_" + none,
             R"({"name":"stolen"})");
  CHECK(two.api.get("/v1/events").at("/data").as_array().empty());
  CHECK(two.api.get("/v1/events?contact[id]=" + sent.text("/contact/id"))
          .at("/data")
          .as_array()
          .empty());
  CHECK(two.api.get("/v1/audit-log").at("/data").as_array().empty());
  CHECK(one.api.get("/v1/workspaces/" + one.id()).text("/name")
        == one.made.text("/name"));
}

TEST_CASE_METHOD(access_case,
                 "G58 I2 the same idempotency key in two workspaces is two "
                 "keys",
                 "[system][access]") {
  tenant one{api};
  tenant two{api};
  const auto body = event_body("g58.sent", by_external_id("usr_g58"));
  const auto first = one.api.emit(body, "same-key");
  const auto other = event_body("g58.other", by_external_id("usr_g58"));
  const auto second = two.api.emit(other, "same-key");
  CHECK(first.status == 200);
  CHECK(second.status == 200);
  CHECK(second.header("idempotent-replay").empty());
  CHECK(first.text("/id") != second.text("/id"));
}

TEST_CASE_METHOD(access_case, "a workspace is set up by its own keys",
                 "[system][access]") {
  tenant own{api};
  const auto path = "/v1/workspaces/" + own.id();
  const auto before = own.api.get(path);
  CHECK(before.text("/rate_limits") == "none");
  CHECK(before.text("/catalog") == "open");
  const auto patch = [&](const std::string& body) {
    return own.api.send("PATCH", path, body,
                        {{"Content-Type", "application/json"}});
  };
  const auto after
    = patch(R"({"name":"Renamed","retention_days":30,"catalog":"closed",)"
            R"("naming":"strict","pii":"redact","rate_limits":"redo"})");
  INFO(after.body);
  CHECK(after.status == 200);
  CHECK(after.text("/name") == "Renamed");
  CHECK(own.api.get(path).json == after.json);
  for (const auto& [body, pointer] :
       {std::pair{R"({"naming":"loose"})", "/naming"},
        std::pair{R"({"retention_days":0})", "/retention_days"},
        std::pair{R"({"rate_limits":"fast"})", "/rate_limits"},
        std::pair{R"({"rate_limits":{"key":{"per_second":0}}})",
                  "/rate_limits/key/per_second"},
        std::pair{R"({"rate_limits":{"all":1}})", "/rate_limits/all"},
        std::pair{R"({"id":"ws_1"})", "/id"}}) {
    const auto refused = patch(body);
    INFO(body << " " << refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.text("/errors/0/pointer") == pointer);
  }
  CHECK(own.api.get(path).json == after.json);
}

TEST_CASE_METHOD(access_case,
                 "a new workspace has the channels that sequences need",
                 "[system][access]") {
  tenant own{api};
  publish(
    own.api,
    R"({"key":"hi","status":"active","name":"Hi",)"
    R"("trigger":{"any":[{"event":"hi"}]},"entry":"s","nodes":{)"
    R"("s":{"type":"send","channel":"capture","subject":"Hi","then":"x"},)"
    R"("x":{"type":"exit"}}})");
  const auto sent = own.api.emit(event_body("hi", by_external_id("usr_hi")));
  CHECK(sent.number("/fan_out/sequences_woken") == 2);
}

TEST_CASE_METHOD(access_case, "workspaces are listed for administrators",
                 "[system][access]") {
  tenant own{api};
  std::string cursor;
  auto is_there = false;
  for (int pages = 0; pages < 100; ++pages) {
    const auto page = api.get("/v1/workspaces?limit=3" + cursor);
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      is_there = is_there || each.at("id").as_string() == own.id();
    if (!page.at("/has_more").as_bool())
      break;
    cursor = "&cursor=" + page.text("/next_cursor");
  }
  CHECK(is_there);
}
