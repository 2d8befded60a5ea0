// Sequences by the API: listed, shown with where their runs rest, published,
// paused, archived.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace troupe::test;

namespace {

constexpr auto* idle_nodes = R"(
  "idle":{"type":"state","on":[{"event":"api.moved","then":"rest"},
                               {"event":"api.ended","then":"done"}]},
  "rest":{"type":"wait","any":[{"event":"api.ended"}],"then":"done",
          "timeout":"30d","on_timeout":"done"},
  "done":{"type":"exit"})";

std::string definition(const std::string& key, const std::string& more = "",
                       const std::string& nodes = idle_nodes,
                       const std::string& entry = "idle") {
  return R"({"key":")" + key + R"(","entry":")" + entry + "\"," + more
         + R"("trigger":{"any":[{"event":"api.began"}]},"nodes":{)" + nodes
         + "}}";
}

class sequences : protected with_server {
protected:
  api_answer act(const std::string& what) {
    return api.post("/v1/sequences/" + key + "/" + what, "");
  }

  api_answer shown() {
    return api.get("/v1/sequences/" + key);
  }

  api_answer emit(const std::string& type, const std::string& contact) {
    return api.emit(event_body(type, by_external_id(contact)));
  }

  api_answer enrol(const std::string& contact) {
    REQUIRE(emit("user.seen", contact).status == 200);
    return api.post("/v1/sequences/" + key + "/enrol",
                    R"({"contact":"external_id:)" + contact + "\"}");
  }

  std::string key = fresh("sequence-");
};

} // namespace

TEST_CASE_METHOD(sequences,
                 "a saved sequence is a draft until it is published, and the "
                 "next version is a draft beside the active one",
                 "[system][sequence_api]") {
  const auto saved
    = api.post("/v1/sequences", definition(key, R"("name":"Welcome",)"));
  INFO(saved.body);
  REQUIRE(saved.status == 201);
  CHECK(saved.number("/version") == 1);
  auto now = shown();
  INFO(now.body);
  CHECK(now.text("/id") == saved.text("/id"));
  CHECK(now.text("/name") == "Welcome");
  CHECK(now.text("/status") == "draft");
  CHECK(now.at("/active_version").is_null());
  CHECK(now.text("/definition/entry") == "idle");
  CHECK(now.text("/created_at").size() > 10);
  CHECK(enrol(fresh("usr_")).code() == "sequence_not_active");
  const auto published = act("publish");
  INFO(published.body);
  REQUIRE(published.status == 200);
  CHECK(published.text("/status") == "active");
  CHECK(published.number("/active_version") == 1);
  CHECK(act("publish").code() == "no_draft");
  REQUIRE(api.post("/v1/sequences", definition(key)).number("/version") == 2);
  now = shown();
  CHECK(now.text("/status") == "active");
  CHECK(now.number("/version") == 2);
  CHECK(now.number("/active_version") == 1);
  CHECK(now.text("/versions/0/status") == "active");
  CHECK(now.text("/versions/1/status") == "draft");
  CHECK(act("publish").number("/active_version") == 2);
  now = api.get("/v1/sequences/" + saved.text("/id"));
  CHECK(now.text("/key") == key);
  CHECK(now.text("/versions/0/status") == "retired");
  CHECK(now.text("/versions/1/published_at").size() > 10);
}

TEST_CASE_METHOD(sequences, "versions are listed, each with its definition",
                 "[system][sequence_api]") {
  for (const auto* name : {"one", "two", "three"})
    REQUIRE(api
              .post("/v1/sequences",
                    definition(key, R"("name":")" + std::string{name} + "\","))
              .status
            == 201);
  const auto first = api.get("/v1/sequences/" + key + "/versions?limit=2");
  INFO(first.body);
  CHECK(first.number("/data/1/version") == 2);
  CHECK(first.at("/has_more").as_bool());
  const auto second = api.get(
    "/v1/sequences/" + key + "/versions?cursor=" + first.text("/next_cursor"));
  CHECK(second.number("/data/0/version") == 3);
  CHECK_FALSE(second.at("/has_more").as_bool());
  const auto two = api.get("/v1/sequences/" + key + "/versions/2");
  CHECK(two.text("/definition/name") == "two");
  for (const auto* none : {"4", "0", "-1", "x", "2x", "99999999999"})
    CHECK(api.get("/v1/sequences/" + key + "/versions/" + none).code()
          == "version_not_found");
  CHECK(api.get("/v1/sequences/nobody/versions").code()
        == "sequence_not_found");
}

TEST_CASE_METHOD(sequences,
                 "the list of sequences has each once, over all its pages",
                 "[system][sequence_api]") {
  std::set<std::string> mine;
  for (int i = 0; i < 5; ++i) {
    const auto each = key + std::to_string(i);
    mine.insert(each);
    REQUIRE(api.post("/v1/sequences", definition(each)).status == 201);
  }
  std::set<std::string> seen;
  std::string cursor;
  do {
    const auto page
      = api.get("/v1/sequences?limit=2"
                + (cursor.empty() ? std::string{} : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      CHECK(seen.insert(std::string{each.at("key").as_string()}).second);
    cursor = page.text("/next_cursor");
  } while (!cursor.empty());
  for (const auto& each : mine)
    CHECK(seen.contains(each));
  CHECK(api.get("/v1/sequences?status=active").code()
        == "query_parameter_unknown");
}

TEST_CASE_METHOD(sequences,
                 "a sequence counts the live runs in each node, of all "
                 "versions, and lists its runs newest first",
                 "[system][sequence_api]") {
  publish(api, definition(key, R"("status":"active",)"));
  const auto first = fresh("usr_");
  const auto second = fresh("usr_");
  const auto third = fresh("usr_");
  const auto one = enrol(first);
  REQUIRE(one.status == 201);
  REQUIRE(enrol(second).status == 201);
  CHECK(shown().number("/counts/nodes/idle") == 2);
  publish(api, definition(key, R"("status":"active",)"));
  const auto last = enrol(third);
  REQUIRE(emit("api.moved", first).status == 200);
  REQUIRE(api.post("/v1/runs/" + last.text("/id") + "/pause", "").status
          == 200);
  auto now = shown();
  INFO(now.body);
  CHECK(now.number("/counts/live") == 3);
  CHECK(now.number("/counts/nodes/idle") == 2);
  CHECK(now.number("/counts/nodes/rest") == 1);
  CHECK(now.number("/counts/nodes/done") == 0);
  REQUIRE(emit("api.ended", second).status == 200);
  CHECK(shown().number("/counts/live") == 2);

  const auto runs = api.get("/v1/sequences/" + key + "/runs");
  INFO(runs.body);
  REQUIRE(runs.at("/data").as_array().size() == 3);
  CHECK(runs.text("/data/0/id") == last.text("/id"));
  CHECK(runs.text("/data/0/status") == "paused");
  CHECK(runs.number("/data/0/version") == 2);
  CHECK(runs.text("/data/1/status") == "completed");
  CHECK(runs.text("/data/1/node") == "done");
  CHECK(runs.text("/data/2/id") == one.text("/id"));
  CHECK(runs.text("/data/2/contact") == one.text("/contact"));
  CHECK(runs.text("/data/2/sequence") == key);
  CHECK(runs.text("/data/2/node") == "rest");
  CHECK(runs.has("/data/2/wake_at"));
  CHECK(runs.text("/data/2/cause/operator").starts_with("key_"));
  const auto active
    = api.get("/v1/sequences/" + key + "/runs?status=active&limit=1");
  CHECK(active.text("/data/0/id") == one.text("/id"));
  CHECK_FALSE(active.at("/has_more").as_bool());
  const auto page = api.get("/v1/sequences/" + key + "/runs?limit=1");
  const auto next = api.get("/v1/sequences/" + key + "/runs?limit=1&cursor="
                            + page.text("/next_cursor"));
  CHECK(next.text("/data/0/id") == runs.text("/data/1/id"));
  CHECK(api.get("/v1/sequences/" + key + "/runs?status=asleep").code()
        == "query_parameter_invalid");
}

TEST_CASE_METHOD(sequences,
                 "the run of a contact that another one absorbed is listed "
                 "with the survivor",
                 "[system][sequence_api]") {
  publish(api, definition(key, R"("status":"active",)"));
  const auto device = fresh("device_");
  const auto anonymous = R"({"anonymous_id":")" + device + "\"}";
  REQUIRE(api.emit(event_body("page.seen", anonymous)).status == 200);
  REQUIRE(api
            .post("/v1/sequences/" + key + "/enrol",
                  R"({"contact":)" + anonymous + "}")
            .status
          == 201);
  const auto user = fresh("usr_");
  REQUIRE(emit("user.seen", user).status == 200);
  const auto both = api.emit(
    event_body("api.moved", R"({"external_id":")" + user
                              + R"(","anonymous_id":")" + device + "\"}"));
  const auto runs = api.get("/v1/sequences/" + key + "/runs");
  INFO(runs.body);
  CHECK(runs.text("/data/0/contact") == both.text("/contact/id"));
  CHECK(runs.text("/data/0/node") == "rest");
  CHECK(shown().number("/counts/live") == 1);
}

TEST_CASE_METHOD(sequences,
                 "a paused sequence starts no runs and its runs see nothing "
                 "until it is resumed",
                 "[system][sequence_api]") {
  publish(api, definition(key, R"("status":"active","reentry":"always",)"));
  const auto who = fresh("usr_");
  const auto run = enrol(who).text("/id");
  CHECK(act("pause").text("/status") == "paused");
  CHECK(shown().text("/status") == "paused");
  CHECK(emit("api.moved", who).number("/fan_out/sequences_woken") == 0);
  CHECK(enrol(fresh("usr_")).code() == "sequence_paused");
  CHECK(api.post("/v1/runs/" + run + "/transition", R"({"node":"rest"})").code()
        == "sequence_paused");
  REQUIRE(emit("api.began", who).status == 200);
  CHECK(api.get("/v1/sequences/" + key + "/runs").at("/data").as_array().size()
        == 1);
  CHECK(act("resume").text("/status") == "active");
  CHECK(act("resume").status == 200);
  CHECK(emit("api.moved", who).number("/fan_out/sequences_woken") >= 1);
  CHECK(shown().number("/counts/nodes/rest") == 1);
}

TEST_CASE_METHOD(sequences,
                 "a wait that ends while its sequence is paused ends when it "
                 "is resumed",
                 "[system][sequence_api]") {
  publish(api, definition(key, R"("status":"active",)",
                          R"("rest":{"type":"wait","for":"1s","then":"tag"},
      "tag":{"type":"update","tags_add":["over"],"then":"done"},
      "done":{"type":"exit"})",
                          "rest"));
  const auto who = fresh("usr_");
  REQUIRE(enrol(who).status == 201);
  REQUIRE(act("pause").status == 200);
  // The timer's turn says that the sequence is paused, and moves nothing.
  REQUIRE(eventually([&] {
    return contact_of(api, who, "/timeline").text("/data/0/kind") == "timer";
  }));
  CHECK(shown().number("/counts/nodes/rest") == 1);
  // An event does not end the wait either.
  REQUIRE(emit("user.seen", who).status == 200);
  CHECK(contact_of(api, who, "/runs").text("/data/0/status") == "active");
  REQUIRE(act("resume").status == 200);
  CHECK(eventually([&] {
    return contact_of(api, who, "/runs").text("/data/0/status") == "completed";
  }));
  CHECK(contact_of(api, who).text("/tags/0") == "over");
}

TEST_CASE("timers of a paused sequence stay held over kill -9 and go on when "
          "it is resumed",
          "[system][sequence_api]") {
  troupe_server server;
  auto api = server.client();
  publish(api, definition("held", R"("status":"active",)",
                          R"("rest":{"type":"wait","for":"2s","then":"done"},
      "done":{"type":"exit"})",
                          "rest"));
  for (const auto* who : {"a", "b", "c"})
    REQUIRE(api.emit(event_body("api.began", by_external_id(who))).status
            == 200);
  REQUIRE(api.post("/v1/sequences/held/pause", "").status == 200);
  server.kill();
  server.start(std::chrono::minutes{10});
  auto later = server.client();
  REQUIRE(eventually([&] {
    return contact_of(later, "a", "/timeline").text("/data/0/kind") == "timer";
  }));
  server.kill();
  server.start(std::chrono::minutes{20});
  auto last = server.client();
  CHECK(last.get("/v1/sequences/held").number("/counts/nodes/rest") == 3);
  REQUIRE(last.post("/v1/sequences/held/resume", "").status == 200);
  CHECK(eventually([&] {
    return last.get("/v1/sequences/held").number("/counts/live") == 0;
  }));
}

TEST_CASE_METHOD(sequences,
                 "an archived sequence starts nothing and takes no version; "
                 "its runs go on",
                 "[system][sequence_api]") {
  publish(api, definition(key, R"("status":"active",)"));
  const auto who = fresh("usr_");
  REQUIRE(enrol(who).status == 201);
  CHECK(act("archive").text("/status") == "archived");
  CHECK(enrol(fresh("usr_")).code() == "sequence_not_active");
  CHECK(api.post("/v1/sequences", definition(key)).code()
        == "sequence_archived");
  CHECK(act("publish").code() == "sequence_archived");
  CHECK(emit("api.moved", who).number("/fan_out/sequences_woken") == 1);
  CHECK(contact_of(api, who, "/runs").text("/data/0/node") == "rest");
  CHECK(act("archive").status == 200);
}

TEST_CASE_METHOD(sequences, "what is asked of an unknown sequence is 404",
                 "[system][sequence_api]") {
  CHECK(shown().code() == "sequence_not_found");
  for (const auto* what : {"publish", "pause", "resume", "archive"})
    CHECK(act(what).code() == "sequence_not_found");
  CHECK(api.get("/v1/sequences/" + key + "/runs").status == 404);
  REQUIRE(api.post("/v1/sequences", definition(key)).status == 201);
  CHECK(act("pause").code() == "sequence_not_active");
}

TEST_CASE_METHOD(sequences,
                 "a definition is checked without being stored: valid, or the "
                 "problem that saving it would give",
                 "[system][sequence_api]") {
  const auto good = api.post("/v1/sequences/validate", definition(key));
  CHECK(good.status == 200);
  CHECK(good.body == R"({"valid":true})");
  CHECK(shown().status == 404);
  const auto broken = definition(key, "", idle_nodes, "nowhere");
  const auto checked = api.post("/v1/sequences/validate", broken);
  const auto saved = api.post("/v1/sequences", broken);
  CHECK(checked.status == 422);
  CHECK(checked.code() == saved.code());
  CHECK(checked.text("/errors/0/pointer") == "/entry");
  for (const auto* odd : {"A B", "a/b", "validate", "seq_mine", ".a", "ü"}) {
    const auto refused = api.post("/v1/sequences/validate", definition(odd));
    INFO(odd << " " << refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.text("/errors/0/pointer") == "/key");
  }
  CHECK(api.post("/v1/sequences/validate", definition("A.b_c-9")).status
        == 200);
}

TEST_CASE_METHOD(sequences, "what is done to sequences is in the audit log",
                 "[system][sequence_api]") {
  REQUIRE(api.post("/v1/sequences", definition(key)).status == 201);
  for (const auto* what : {"publish", "pause", "resume", "archive"})
    REQUIRE(act(what).status == 200);
  const auto log = api.get("/v1/audit-log?action=sequence.*&limit=5");
  INFO(log.body);
  CHECK(log.text("/data/0/action") == "sequence.archived");
  CHECK(log.text("/data/1/action") == "sequence.resumed");
  CHECK(log.text("/data/2/action") == "sequence.paused");
  CHECK(log.text("/data/3/action") == "sequence.published");
  CHECK(log.text("/data/4/action") == "sequence.saved");
  for (int i = 0; i < 5; ++i) {
    CHECK(log.text("/data/" + std::to_string(i) + "/details/key") == key);
    CHECK(log.text("/data/" + std::to_string(i) + "/subject")
          == shown().text("/id"));
  }
}

TEST_CASE_METHOD(sequences,
                 "a sequence of another workspace is as unknown as any",
                 "[system][sequence_api]") {
  REQUIRE(api.post("/v1/sequences", definition(key)).status == 201);
  const auto made
    = api.post("/v1/workspaces", R"({"name":")" + fresh("ws ") + "\"}");
  api_client other{shared_server().port(), made.text("/key")};
  CHECK(other.get("/v1/sequences/" + key).status == 404);
  CHECK(other.get("/v1/sequences/" + shown().text("/id")).status == 404);
  CHECK(other.get("/v1/sequences").at("/data").as_array().empty());
  CHECK(other.post("/v1/sequences/" + key + "/publish", "").status == 404);
}
