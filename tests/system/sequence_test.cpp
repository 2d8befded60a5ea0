// Events that drive sequences and what a run tells about it, over the real
// socket.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

// A sequence that starts with an event and has these nodes.
std::string sequence(const std::string& key, const std::string& trigger,
                     const std::string& entry, const std::string& nodes) {
  return R"({"key":")" + key + R"(","status":"active","reentry":"always",
    "trigger":{"any":[{"event":")"
         + trigger + R"("}]},"entry":")" + entry + R"(","nodes":{)" + nodes
         + "}}";
}

} // namespace

TEST_CASE_METHOD(with_server,
                 "G14 G20 two runs that move over two nodes and "
                 "one report three",
                 "[system][sequence]") {
  const auto who = fresh("usr_");
  const auto start = fresh("g14.start.");
  const auto go = fresh("g14.go.");
  publish(api, sequence(fresh("g14two_"), start, "rest",
                        R"("rest":{"type":"wait","any":[{"event":")" + go
                          + R"("}],"then":"mark"},
      "mark":{"type":"update","tags_add":["two"],"then":"end"},
      "end":{"type":"state","on":[{"event":"never","then":"mark"}]})"));
  publish(api, sequence(fresh("g14one_"), start, "rest",
                        R"("rest":{"type":"wait","any":[{"event":")" + go
                          + R"("}],"then":"done"},"done":{"type":"exit"})"));
  const auto started = api.emit(event_body(start, by_external_id(who)));
  INFO(started.body);
  CHECK(started.number("/fan_out/sequences_woken") == 2);
  const auto moved = api.emit(event_body(go, by_external_id(who)));
  INFO(moved.body);
  CHECK(moved.number("/fan_out/sequences_woken") == 3);
}

TEST_CASE_METHOD(with_server,
                 "G19 a run shows its node and names the event "
                 "that moved it as the cause",
                 "[system][sequence]") {
  const auto who = fresh("usr_");
  const auto start = fresh("g19.start.");
  const auto go = fresh("g19.go.");
  const auto key = fresh("g19_");
  publish(api, sequence(key, start, "rest",
                        R"("rest":{"type":"wait","any":[{"event":")" + go
                          + R"("}],"then":"after"},
      "after":{"type":"wait","for":"1h","then":"done"},
      "done":{"type":"exit"})"));
  const auto started = api.emit(event_body(start, by_external_id(who)));
  auto runs = contact_of(api, who, "/runs");
  INFO(runs.body);
  REQUIRE(runs.at("/data").as_array().size() == 1);
  CHECK(runs.text("/data/0/id").starts_with("run_"));
  CHECK(runs.text("/data/0/sequence") == key);
  CHECK(runs.text("/data/0/status") == "active");
  CHECK(runs.text("/data/0/node") == "rest");
  CHECK(runs.text("/data/0/cause/event") == started.text("/id"));
  const auto moved = api.emit(event_body(go, by_external_id(who)));
  runs = contact_of(api, who, "/runs");
  INFO(runs.body);
  CHECK(runs.text("/data/0/node") == "after");
  CHECK_FALSE(runs.text("/data/0/wake_at").empty());
  const auto& history = runs.at("/data/0/history").as_array();
  REQUIRE(history.size() == 2);
  CHECK(history[0].at("node").as_string() == "rest");
  CHECK(history[1].at("node").as_string() == "after");
  CHECK(history[1].at("cause").at("event").as_string()
        == moved.text("/id").c_str());
}

TEST_CASE_METHOD(with_server,
                 "G44 metadata decides a branch; absent is not "
                 "true",
                 "[system][sequence]") {
  const auto type = fresh("g44.bought.");
  publish(api, sequence(fresh("g44_"), type, "which",
                        R"("which":{"type":"branch","cases":[{"if":{"==":[
        {"var":"event.properties.first_purchase"},true]},"then":"first"}],
        "else":"other"},
      "first":{"type":"update","tags_add":["first"],"then":"done"},
      "other":{"type":"update","tags_add":["other"],"then":"done"},
      "done":{"type":"exit"})"));
  for (const auto& [properties, tag] :
       {std::pair<std::string, std::string>{R"({"first_purchase":true})",
                                            "first"},
        {R"({"first_purchase":false})", "other"},
        {"{}", "other"}}) {
    const auto who = fresh("usr_");
    api.emit(event_body(type, by_external_id(who), properties));
    const auto shown = contact_of(api, who);
    INFO(properties << " " << shown.body);
    REQUIRE(shown.at("/tags").as_array().size() == 1);
    CHECK(shown.text("/tags/0") == tag);
  }
}

TEST_CASE_METHOD(with_server,
                 "G20 an update adds tags, attributes and score "
                 "once for each event",
                 "[system][sequence]") {
  const auto who = fresh("usr_");
  const auto type = fresh("g20.scored.");
  publish(api, sequence(fresh("g20_"), type, "add",
                        R"("add":{"type":"update","score_add":5,
      "tags_add":["buyer"],"set":{"plan":"pro"},"then":"done"},
      "done":{"type":"exit"})"));
  for (int i = 1; i <= 3; ++i) {
    api.emit(event_body(type, by_external_id(who)));
    const auto shown = contact_of(api, who);
    INFO(shown.body);
    CHECK(shown.number("/score") == 5 * i);
    CHECK(shown.at("/tags").as_array().size() == 1);
    CHECK(shown.text("/attributes/plan") == "pro");
  }
  const auto runs = contact_of(api, who, "/runs");
  CHECK(runs.text("/data/0/status") == "completed");
}

TEST_CASE_METHOD(with_server,
                 "a wait of a second ends by its timer, once, and "
                 "the run names the timer as the cause",
                 "[system][sequence]") {
  const auto who = fresh("usr_");
  const auto type = fresh("timer.started.");
  publish(api, sequence(fresh("timer_"), type, "rest",
                        R"("rest":{"type":"wait","for":"1s","then":"add"},
      "add":{"type":"update","score_add":1,"then":"after"},
      "after":{"type":"wait","for":"1h","then":"done"},
      "done":{"type":"exit"})"));
  api.emit(event_body(type, by_external_id(who)));
  CHECK(contact_of(api, who).number("/score") == 0);
  REQUIRE(eventually([&] {
    return contact_of(api, who).number("/score") > 0;
  }));
  CHECK(contact_of(api, who).number("/score") == 1);
  const auto runs = contact_of(api, who, "/runs");
  INFO(runs.body);
  CHECK(runs.text("/data/0/node") == "after");
  CHECK(runs.has("/data/0/history/1/cause/timer"));
  const auto timeline = contact_of(api, who, "/timeline");
  INFO(timeline.body);
  CHECK(timeline.text("/data/0/kind") == "timer");
}

TEST_CASE_METHOD(with_server,
                 "G6 what an emit node sends is an event of the "
                 "sequence's, not of a client",
                 "[system][sequence]") {
  const auto who = fresh("usr_");
  const auto type = fresh("emit.asked.");
  const auto sent = fresh("emit.sent.");
  publish(api, sequence(fresh("emit_"), type, "tell",
                        R"("tell":{"type":"emit","event":")" + sent
                          + R"(","properties":{"n":1},"then":"done"},
      "done":{"type":"exit"})"));
  api.emit(event_body(type, by_external_id(who)));
  const auto target
    = "/v1/events?contact[external_id]=" + who + "&type=" + sent;
  REQUIRE(eventually([&] {
    return api.get(target).at("/data").as_array().size() == 1;
  }));
  const auto found = api.get(target);
  INFO(found.body);
  CHECK(found.text("/data/0/origin") != "client");
}

TEST_CASE_METHOD(with_server,
                 "a sequence that cannot work is refused with a "
                 "pointer to what is wrong",
                 "[system][sequence]") {
  for (const auto& [nodes, pointer] :
       {std::pair<std::string, std::string>{
          R"("rest":{"type":"wait","for":"1s","then":"nowhere"})",
          "/nodes/rest/then"},
        {R"("rest":{"type":"wait","for":"soon","then":"rest"})",
         "/nodes/rest/for"},
        {R"("rest":{"type":"dance","then":"rest"})", "/nodes/rest/type"}}) {
    const auto refused
      = api.post("/v1/sequences", sequence("wrong", "a", "rest", nodes));
    INFO(refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.text("/errors/0/pointer") == pointer);
  }
}

TEST_CASE_METHOD(with_server,
                 "a sequence with an existing key is its next "
                 "version, and runs stay in theirs",
                 "[system][sequence]") {
  const auto who = fresh("usr_");
  const auto type = fresh("version.started.");
  const auto key = fresh("version_");
  const auto with_score = [&](int score) {
    return sequence(key, type, "rest",
                    R"("rest":{"type":"wait","any":[{"event":"version.go"}],
        "then":"add"},"add":{"type":"update","score_add":)"
                      + std::to_string(score)
                      + R"(,"then":"done"},"done":{"type":"exit"})");
  };
  const auto first = api.post("/v1/sequences", with_score(1));
  api.emit(event_body(type, by_external_id(who)));
  const auto second = api.post("/v1/sequences", with_score(100));
  INFO(first.body << second.body);
  CHECK(first.number("/version") == 1);
  CHECK(second.number("/version") == 2);
  CHECK(first.text("/id") == second.text("/id"));
  api.emit(event_body("version.go", by_external_id(who)));
  CHECK(contact_of(api, who).number("/score") == 1);
}
