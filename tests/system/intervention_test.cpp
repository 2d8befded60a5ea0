// What people do to sequences and runs by the API.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class operators : protected with_server {
protected:
  operators() {
    publish(api, R"({"key":")" + key + R"(","status":"active","entry":"idle",
      "vars":{"plan":"free"},"nodes":{
      "idle":{"type":"state","on":[{"event":"message.opened","then":"pick"}]},
      "pick":{"type":"branch","cases":[
        {"if":{"==":[{"var":"run.vars.plan"},"pro"]},"then":"pause"}],
        "else":"tell"},
      "pause":{"type":"wait","for":"30d","then":"tell"},
      "tell":{"type":"send","channel":"capture","text":"hi","then":"done"},
      "done":{"type":"exit"}}})");
    REQUIRE(api.emit(event_body("user.seen", by_external_id(who))).status
            == 200);
  }

  api_answer enrol(const std::string& more = "") {
    return api.post("/v1/sequences/" + key + "/enrol",
                    R"({"contact":{"external_id":")" + who + "\"}" + more
                      + "}");
  }

  api_answer act(const std::string& run, const std::string& action,
                 const std::string& body = R"({"reason":"asked by phone"})") {
    return api.post("/v1/runs/" + run + "/" + action, body);
  }

  api_answer emit(const std::string& type) {
    return api.emit(event_body(type, by_external_id(who)));
  }

  std::string node() {
    return contact_of(api, who, "/runs").text("/data/0/node");
  }

  std::string who = fresh("usr_");
  std::string key = fresh("g77-");
};

} // namespace

TEST_CASE_METHOD(operators,
                 "G77 an operator enrols a contact, and an emitted signal "
                 "fires the edge it rests at",
                 "[system][intervention]") {
  const auto made = enrol(R"(,"vars":{"plan":"pro"},"reason":"a test")");
  INFO(made.body);
  REQUIRE(made.status == 201);
  CHECK(made.text("/sequence") == key);
  CHECK(made.number("/version") == 1);
  CHECK(made.text("/status") == "active");
  CHECK(made.text("/node") == "idle");
  CHECK(made.text("/vars/plan") == "pro");
  CHECK(made.text("/cause/reason") == "a test");
  CHECK(made.text("/cause/operator").starts_with("key_"));
  CHECK(emit("message.opened").number("/fan_out/sequences_woken") == 2);
  CHECK(node() == "pause");
}

TEST_CASE_METHOD(operators,
                 "G77 a paused run sees no event until it is resumed",
                 "[system][intervention]") {
  const auto run = enrol().text("/id");
  CHECK(act(run, "pause").text("/status") == "paused");
  CHECK(emit("message.opened").number("/fan_out/sequences_woken") == 0);
  CHECK(node() == "idle");
  CHECK(act(run, "pause").code() == "run_paused");
  CHECK(act(run, "transition", R"({"node":"tell"})").code() == "run_paused");
  CHECK(act(run, "resume").text("/status") == "active");
  CHECK(act(run, "resume").code() == "run_not_paused");
  CHECK(emit("message.opened").number("/fan_out/sequences_woken") == 3);
  CHECK(contact_of(api, who, "/runs").text("/data/0/status") == "completed");
}

TEST_CASE_METHOD(operators,
                 "G77 an operator moves a run to a node and ends it; the cause "
                 "and the reason are in its history",
                 "[system][intervention]") {
  const auto run = enrol().text("/id");
  const auto moved
    = act(run, "transition", R"({"node":"pause","reason":"skips the start"})");
  INFO(moved.body);
  REQUIRE(moved.status == 200);
  CHECK(moved.text("/node") == "pause");
  CHECK(moved.has("/wake_at"));
  CHECK(moved.text("/history/1/cause/reason") == "skips the start");
  CHECK(act(run, "transition", R"({"node":"nowhere"})").code()
        == "node_unknown");
  CHECK(act(run, "transition", "{}").text("/errors/0/pointer") == "/node");
  const auto ended = act(run, "exit", "");
  CHECK(ended.text("/status") == "exited");
  CHECK(act(run, "exit").code() == "run_ended");
  CHECK(act(run, "exit").status == 409);
}

TEST_CASE_METHOD(operators,
                 "G77 what cannot be done is refused and leaves no turn",
                 "[system][intervention]") {
  REQUIRE(enrol().status == 201);
  const auto before = contact_of(api, who, "/timeline");
  const auto again = enrol();
  CHECK(again.status == 409);
  CHECK(again.code() == "enrolment_refused");
  CHECK(again.body.find("reentry") != std::string::npos);
  CHECK(api.post("/v1/sequences/nobody/enrol", R"({"contact":"email:a@b.c"})")
          .status
        == 404);
  const auto stranger
    = api.post("/v1/sequences/" + key + "/enrol",
               R"({"contact":"external_id:usr_nobody_knows"})");
  CHECK(stranger.status == 404);
  CHECK(stranger.code() == "contact_not_found");
  CHECK(api.post("/v1/sequences/" + key + "/enrol", "{}").code()
        == "contact_required");
  CHECK(act("run_00000000000000000000000000", "exit").status == 404);
  CHECK(act("evt_1", "pause").status == 404);
  CHECK(contact_of(api, who, "/timeline").body == before.body);
}

TEST_CASE_METHOD(operators,
                 "G77 a run of a contact that became part of another one is "
                 "moved by its old id",
                 "[system][intervention]") {
  for (int i = 0; i < 8; ++i) { // on some pair of shards both ways
    const auto device = fresh("device_");
    const auto user = fresh("usr_");
    const auto anonymous = R"({"anonymous_id":")" + device + "\"}";
    const auto visitor = api.emit(event_body("page.seen", anonymous));
    REQUIRE(visitor.status == 200);
    REQUIRE(api.emit(event_body("user.seen", by_external_id(user))).status
            == 200);
    const auto run = api.post("/v1/sequences/" + key + "/enrol",
                              R"({"contact":)" + anonymous + "}");
    REQUIRE(run.status == 201);
    const auto both = api.emit(
      event_body("user.joined", R"({"external_id":")" + user
                                  + R"(","anonymous_id":")" + device + "\"}"));
    REQUIRE(both.status == 200);
    REQUIRE(both.text("/contact/id") != visitor.text("/contact/id"));
    const auto paused = act(run.text("/id"), "pause");
    INFO(paused.body);
    CHECK(paused.status == 200);
    CHECK(paused.text("/status") == "paused");
    const auto again
      = api.post("/v1/sequences/" + key + "/enrol",
                 R"({"contact":")" + visitor.text("/contact/id") + "\"}");
    CHECK(again.code() == "enrolment_refused");
    CHECK(act(run.text("/id"), "exit").text("/status") == "exited");
  }
}

TEST_CASE_METHOD(operators,
                 "G22 G77 what people do to runs is in the audit log with "
                 "reason, key and request id",
                 "[system][intervention]") {
  const auto run = enrol(R"(,"reason":"by hand")").text("/id");
  const auto paused = act(run, "pause");
  const auto log = api.get("/v1/audit-log?contact[external_id]=" + who);
  INFO(log.body);
  CHECK(log.text("/data/0/action") == "run.paused");
  CHECK(log.text("/data/0/details/reason") == "asked by phone");
  CHECK(log.text("/data/0/actor/key").starts_with("key_"));
  CHECK(log.text("/data/0/request_id") == paused.header("x-request-id"));
  CHECK(log.text("/data/1/action") == "run.enrolled");
  CHECK(log.text("/data/1/details/transitions/0/sequence") == key);
  CHECK(log.text("/data/2/action") == "event.received");
  const auto one = api.get("/v1/audit-log?action=run.paused&request_id="
                           + paused.header("x-request-id"));
  CHECK(one.at("/data").as_array().size() == 1);
  CHECK(api.get("/v1/events?contact[external_id]=" + who)
          .at("/data")
          .as_array()
          .size()
        == 1);
}

TEST_CASE_METHOD(operators, "G77 vars of an enrolment are bounded",
                 "[system][intervention]") {
  const auto refused
    = enrol(R"(,"vars":{"text":")" + std::string(4096, 'x') + "\"}");
  CHECK(refused.status == 422);
  CHECK(refused.code() == "vars_too_large");
  CHECK(refused.text("/errors/0/pointer") == "/vars");
}

TEST_CASE("G77 a paused run stays paused over kill -9, and its wait goes on "
          "when it is resumed",
          "[system][intervention]") {
  troupe_server server;
  auto api = server.client();
  publish(api, R"({"key":"g77","status":"active","entry":"rest",
    "trigger":{"any":[{"event":"user.seen"}]},"nodes":{
    "rest":{"type":"wait","for":"2s","then":"done"},
    "done":{"type":"exit"}}})");
  REQUIRE(api.emit(event_body("user.seen", by_external_id("u"))).status == 200);
  const auto run = contact_of(api, "u", "/runs").text("/data/0/id");
  REQUIRE(api.post("/v1/runs/" + run + "/pause", "").status == 200);
  server.kill();
  server.start(std::chrono::minutes{10});
  auto later = server.client();
  CHECK(later.emit(event_body("user.seen", by_external_id("u")))
          .number("/fan_out/sequences_woken")
        == 0);
  CHECK(contact_of(later, "u", "/runs").text("/data/0/status") == "paused");
  REQUIRE(later.post("/v1/runs/" + run + "/resume", "").status == 200);
  CHECK(eventually([&] {
    return contact_of(later, "u", "/runs").text("/data/0/status")
           == "completed";
  }));
}
