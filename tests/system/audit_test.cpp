// `GET /v1/audit-log` and the cursors of lists over the real socket.
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace troupe::test;

namespace {

/// A workspace of its own: its log has nothing but what the case does.
class audit : protected with_server {
protected:
  audit() {
    const auto made = api.post("/v1/workspaces", R"({"name":"audited"})");
    REQUIRE(made.status == 201);
    id = made.text("/id");
    own = api_client{shared_server().port(), made.text("/key")};
  }

  api_answer log(const std::string& query = "") {
    auto found = own.get("/v1/audit-log" + query);
    INFO(query << " " << found.body);
    REQUIRE(found.status == 200);
    return found;
  }

  static std::size_t size_of(const api_answer& page) {
    return page.at("/data").as_array().size();
  }

  std::string id;
  api_client own{0};
};

} // namespace

TEST_CASE_METHOD(audit,
                 "G22 G42 an event is in the audit log with flat and masked "
                 "metadata",
                 "[system][audit]") {
  const auto sent = own.emit(
    event_body("order.paid", by_external_id("usr_audit"),
               R"({"a":{"b":1,"c":{"d":"x"}},"list":[1,2],)"
               R"("card":"4242 4242 4242 4242","password":"hunter2"})"));
  REQUIRE(sent.status == 200);
  const auto page = log();
  REQUIRE(size_of(page) == 1);
  CHECK(page.text("/data/0/action") == "event.received");
  CHECK(page.text("/data/0/subject") == sent.text("/id"));
  CHECK(page.text("/data/0/at") == sent.text("/received_at"));
  CHECK(page.text("/data/0/actor/contact") == sent.text("/contact/id"));
  CHECK(page.text("/data/0/request_id") == sent.header("x-request-id"));
  CHECK(page.text("/data/0/details/type") == "order.paid");
  CHECK(page.text("/data/0/details/door") == "native");
  CHECK(page.number("/data/0/details/fan_out/sequences_woken") == 0);
  const auto& metadata = page.at("/data/0/details/metadata").as_object();
  CHECK(metadata.at("a.b") == 1);
  CHECK(metadata.at("a.c.d") == "x");
  CHECK(metadata.at("list") == boost::json::parse("[1,2]"));
  CHECK(page.body.find("4242 4242") == std::string::npos);
  CHECK(page.body.find("hunter2") == std::string::npos);
}

TEST_CASE_METHOD(audit, "an entry shows what moved and what was in conflict",
                 "[system][audit]") {
  publish(own, R"({"key":"s","name":"S","status":"active",)"
               R"("trigger":{"any":[{"event":"go"}]},"entry":"x",)"
               R"("nodes":{"x":{"type":"exit"}}})");
  own.emit(event_body("first", R"({"external_id":"a","email":"a@x.example"})"));
  own.emit(event_body("go", R"({"external_id":"b","email":"a@x.example"})"));
  const auto page = log("?type=go");
  REQUIRE(size_of(page) == 1);
  CHECK(page.text("/data/0/details/warnings/0/code") == "identity_conflict");
  CHECK(page.text("/data/0/details/transitions/0/sequence") == "s");
  CHECK(page.text("/data/0/details/transitions/1/node") == "x");
}

TEST_CASE_METHOD(audit, "what administrators do is in the audit log",
                 "[system][audit]") {
  const auto key = own.post("/v1/keys", R"({"name":"k","kind":"write"})");
  publish(own, R"({"key":"s","name":"S","trigger":{"any":[{"event":"go"}]},)"
               R"("entry":"x","nodes":{"x":{"type":"exit"}}})");
  own.post("/v1/channels", R"({"key":"c","type":"capture"})");
  own.post("/v1/webhooks",
           R"({"url":"http://127.0.0.1:1/canary-path","events":["*"]})");
  own.send("PATCH", "/v1/workspaces/" + id, R"({"name":"New"})",
           {{"Content-Type", "application/json"}});
  const auto gone = own.send("DELETE", "/v1/keys/" + key.text("/id"), "", {});
  own.post("/v1/keys", R"({"name":"k"})"); // refused: no entry
  const auto page = log();
  INFO(page.body);
  const std::vector<std::string> wanted{"key.revoked",     "workspace.updated",
                                        "webhook.created", "channel.created",
                                        "sequence.saved",  "key.created"};
  REQUIRE(size_of(page) == wanted.size());
  const auto mine = own.get("/v1/keys").text("/data/0/id");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto at = "/data/" + std::to_string(i);
    CHECK(page.text(at + "/action") == wanted[i]);
    CHECK(page.text(at + "/actor/key") == mine);
  }
  CHECK(page.text("/data/0/subject") == key.text("/id"));
  CHECK(page.text("/data/0/request_id") == gone.header("x-request-id"));
  CHECK(page.text("/data/5/details/prefix") == key.text("/prefix"));
  CHECK(page.text("/data/1/details/name") == "New");
  CHECK(page.body.find(key.text("/key").substr(16)) == std::string::npos);
  CHECK(page.body.find("whsec_") == std::string::npos);
  CHECK(page.body.find("canary-path") == std::string::npos);
}

TEST_CASE_METHOD(audit, "G74 a request id leads to what the request did",
                 "[system][audit]") {
  const auto one = own.emit(event_body("one", by_external_id("usr_1")), "k1");
  const auto two = own.emit(event_body("two", by_external_id("usr_1")));
  const auto key = own.post("/v1/keys", R"({"name":"k","kind":"write"})");
  const auto find = [&](const api_answer& of) {
    return log("?request_id=" + percent_encode(of.header("x-request-id")));
  };
  for (const auto& [answer, action] :
       {std::pair{one, "event.received"}, std::pair{two, "event.received"},
        std::pair{key, "key.created"}}) {
    const auto page = find(answer);
    REQUIRE(size_of(page) == 1);
    CHECK(page.text("/data/0/action") == action);
    CHECK(page.text("/data/0/subject") == answer.text("/id"));
  }
  CHECK(size_of(log("?request_id=req_unknown")) == 0);
}

TEST_CASE_METHOD(audit,
                 "the audit log is filtered by contact, type, action "
                 "and time",
                 "[system][audit]") {
  const auto first
    = own.emit(event_body("order.paid", by_external_id("usr_1")));
  own.emit(event_body("order.sent", by_external_id("usr_2")));
  own.emit(event_body("other", by_external_id("usr_1")));
  own.post("/v1/keys", R"({"name":"k","kind":"write"})");
  const auto contact = first.text("/contact/id");
  for (const auto& [query, count] :
       {std::pair{std::string{"?contact=external_id:usr_1"}, 2U},
        std::pair{"?contact=" + contact, 2U},
        std::pair{std::string{"?contact[external_id]=usr_2"}, 1U},
        std::pair{std::string{"?contact=nobody"}, 0U},
        std::pair{std::string{"?contact=external_id:nobody"}, 0U},
        std::pair{std::string{"?type=order.*"}, 2U},
        std::pair{std::string{"?type=other"}, 1U},
        std::pair{std::string{"?action=event.received"}, 3U},
        std::pair{std::string{"?action=event.*"}, 3U},
        std::pair{std::string{"?action=key.*"}, 1U},
        std::pair{std::string{"?action=key.created"}, 1U},
        std::pair{std::string{"?action=key.revoked"}, 0U},
        std::pair{std::string{"?since=2100-01-01T00:00:00Z"}, 0U},
        std::pair{std::string{"?until=2000-01-01T00:00:00Z"}, 0U},
        std::pair{std::string{"?since=2000-01-01T00:00:00Z"
                              "&until=2100-01-01T00:00:00Z"},
                  4U}}) {
    INFO(query);
    CHECK(size_of(log(query)) == count);
  }
  for (const auto* wrong : {"?limit=0", "?limit=201", "?limit=x", "?since=x",
                            "?cursor=x", "?what=1"})
    CHECK(own.get(std::string{"/v1/audit-log"} + wrong).status == 422);
}

TEST_CASE_METHOD(audit,
                 "pages of the audit log are together all of it, in "
                 "order",
                 "[system][audit]") {
  for (int i = 0; i < 12; ++i) {
    own.emit(event_body("paged", by_external_id("usr_paged")));
    if (i % 3 == 0)
      own.post("/v1/keys", R"({"name":"k","kind":"write"})");
  }
  std::set<std::string> seen;
  std::string cursor;
  std::string last = "9999";
  for (int pages = 0; pages < 20; ++pages) {
    const auto page = log("?limit=3" + cursor);
    for (const auto& each : page.at("/data").as_array()) {
      CHECK(seen.emplace(each.at("id").as_string()).second);
      const std::string at{each.at("at").as_string()};
      CHECK(at <= last);
      last = at;
    }
    if (!page.at("/has_more").as_bool())
      break;
    cursor = "&cursor=" + page.text("/next_cursor");
  }
  CHECK(seen.size() == 16);
}

TEST_CASE_METHOD(audit,
                 "J11 a cursor that was changed, or is another list's or "
                 "another workspace's, is 422 cursor_invalid",
                 "[system][audit]") {
  for (int i = 0; i < 3; ++i)
    own.emit(event_body("j11", by_external_id("usr_j11")));
  const auto of_events = own.get("/v1/events?limit=1").text("/next_cursor");
  const auto of_log = log("?limit=1").text("/next_cursor");
  REQUIRE_FALSE(of_events.empty());
  REQUIRE_FALSE(of_log.empty());
  auto changed = of_events;
  changed.back() = changed.back() == '0' ? '1' : '0';
  const auto refused = [](const api_answer& answer) {
    INFO(answer.body);
    CHECK(answer.status == 422);
    CHECK(answer.code() == "cursor_invalid");
  };
  CHECK(own.get("/v1/events?cursor=" + of_events).status == 200);
  refused(own.get("/v1/events?cursor=" + changed));
  refused(own.get("/v1/events?cursor=" + of_log));
  refused(own.get("/v1/audit-log?cursor=" + of_events));
  refused(own.get("/v1/keys?cursor=" + of_log));
  refused(api.get("/v1/events?cursor=" + of_events));
  refused(api.get("/v1/audit-log?cursor=" + of_log));
}

TEST_CASE("G22 the audit log is the same after a restart", "[system][audit]") {
  troupe_server server;
  auto api = server.client();
  api.emit(event_body("kept", by_external_id("usr_kept")));
  api.post("/v1/keys", R"({"name":"k","kind":"write"})");
  const auto before = api.get("/v1/audit-log?limit=1");
  const auto rest
    = api.get("/v1/audit-log?cursor=" + before.text("/next_cursor"));
  REQUIRE(rest.at("/data").as_array().size() == 1);
  const auto key = server.key();
  server.kill();
  server.start();
  api_client again{server.port(), key};
  CHECK(again.get("/v1/audit-log?limit=1").json == before.json);
  CHECK(again.get("/v1/audit-log?cursor=" + before.text("/next_cursor")).json
        == rest.json);
}
