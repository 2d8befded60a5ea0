// Splits, starts, local time and what holds for all of a sequence, over the
// real socket. Time passes by starting the server again with its clock ahead.
#include "engine/json_text.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <ctime>
#include <thread>

using namespace troupe::test;
using std::chrono::hours;

namespace {

const std::string sends
  = R"("s":{"type":"send","channel":"capture","text":"hi","then":"x"})";

void emit(api_client& api, const std::string& type, const std::string& who) {
  const auto answer = api.emit(event_body(type, by_external_id(who)));
  INFO(answer.body);
  REQUIRE(answer.status == 200);
}

/// Messages of all the contact's turns.
std::int64_t sent_to(api_client& api, const std::string& who) {
  std::int64_t count = 0;
  const auto timeline = contact_of(api, who, "/timeline");
  for (const auto& each : timeline.at("/data").as_array())
    count += each.at("sends").to_number<std::int64_t>();
  return count;
}

std::string first_run(api_client& api, const std::string& who,
                      const std::string& member) {
  return contact_of(api, who, "/runs").text("/data/0/" + member);
}

std::string tags_of(api_client& api, const std::string& who) {
  return troupe::engine::to_json(contact_of(api, who).at("/tags"));
}

/// "HH:MM" in UTC, that far from now.
std::string clock_in(hours away) {
  const auto at = std::chrono::system_clock::to_time_t(
    std::chrono::system_clock::now() + away);
  std::tm parts{};
  gmtime_r(&at, &parts);
  char text[6];
  std::strftime(text, sizeof text, "%H:%M", &parts);
  return text;
}

} // namespace

TEST_CASE_METHOD(with_server,
                 "B61 a split sends each contact one way, the same each time, "
                 "and nobody the way of weight 0",
                 "[system][rules]") {
  const auto type = fresh("b61.seen.");
  publish(api, sequence_on(fresh("b61_"), type,
                           R"("s":{"type":"split","weights":[
        {"weight":1,"then":"a"},{"weight":0,"then":"n"},
        {"weight":1,"then":"b"}]},
      "n":{"type":"update","tags_add":["nobody"],"then":"x"},
      "a":{"type":"update","tags_add":["a"],"then":"x"},
      "b":{"type":"update","tags_add":["b"],"then":"x"})"));
  int first = 0;
  for (int i = 0; i < 40; ++i) {
    const auto who = fresh("usr_");
    emit(api, type, who);
    const auto tags = tags_of(api, who);
    CHECK((tags == R"(["a"])" || tags == R"(["b"])"));
    emit(api, type, who);
    CHECK(tags_of(api, who) == tags);
    first += tags == R"(["a"])" ? 1 : 0;
  }
  CHECK(first > 0); // both ways: 40 heads in a row do not come
  CHECK(first < 40);
}

TEST_CASE_METHOD(with_server,
                 "R3 a sequence starts another one in the same turn, and one "
                 "that is not there is refused with a hint",
                 "[system][rules]") {
  const auto type = fresh("r3.seen.");
  const auto other = fresh("r3_other_");
  const auto who = fresh("usr_");
  publish(api,
          R"({"key":")" + other + R"(","status":"active","entry":"s","nodes":{
      "s":{"type":"state","on":[{"event":"never","then":"s"}]}}})");
  const auto starts = [&](const std::string& wanted) {
    return sequence_on(fresh("r3_"), type,
                       R"("s":{"type":"start","sequence":")" + wanted
                         + R"(","vars":{"by":"{{contact.external_id}}"},
                      "then":"x"})");
  };
  publish(api, starts(other));
  const auto answer = api.emit(event_body(type, by_external_id(who)));
  CHECK(answer.number("/fan_out/sequences_woken") == 3);
  const auto runs = contact_of(api, who, "/runs");
  INFO(runs.body);
  CHECK(runs.text("/data/0/sequence") == other);
  CHECK(runs.text("/data/0/vars/by") == who);
  CHECK(runs.text("/data/0/cause/event") == answer.text("/id"));
  CHECK(runs.text("/data/1/status") == "completed");
  const auto refused = api.post("/v1/sequences", starts(other + "x"));
  INFO(refused.body);
  CHECK(refused.status == 422);
  CHECK(refused.code() == "unknown_sequence");
  CHECK(refused.text("/errors/0/pointer") == "/nodes/s/sequence");
  CHECK(refused.body.find("`" + other + "`") != std::string::npos);
}

TEST_CASE_METHOD(with_server, "B61 a goal completes a run and says which",
                 "[system][rules]") {
  const auto type = fresh("b61.goal.");
  const auto goal = fresh("b61.bought.");
  const auto who = fresh("usr_");
  publish(api, sequence_on(fresh("goal_"), type,
                           R"("s":{"type":"wait","for":"1d","then":"x"})",
                           R"("goals":[{"event":")" + goal + R"("}],)"));
  emit(api, type, who);
  CHECK(first_run(api, who, "status") == "active");
  emit(api, goal, who);
  CHECK(first_run(api, who, "status") == "completed");
  CHECK(first_run(api, who, "reason") == "goal:" + goal);
}

TEST_CASE_METHOD(with_server,
                 "S25 a cap leaves out the messages above it, and its channel "
                 "stays as long as it is capped",
                 "[system][rules]") {
  const auto type = fresh("s25.seen.");
  const auto key = fresh("s25_");
  const auto who = fresh("usr_");
  const auto channel = fresh("s25_channel_");
  publish(api, sequence_on(key, type, sends,
                           R"("frequency_cap":{"max":2,"within":"1d"},)"));
  for (int i = 0; i < 4; ++i)
    emit(api, type, who);
  CHECK(sent_to(api, who) == 2);
  CHECK(first_run(api, who, "status") == "completed");
  REQUIRE(
    api.post("/v1/channels", R"({"key":")" + channel + R"(","type":"capture"})")
      .status
    == 201);
  publish(api, sequence_on(key, type, sends,
                           R"("frequency_cap":{"max":2,"within":"1d",
                           "channel":")"
                             + channel + "\"},"));
  CHECK(api.send("DELETE", "/v1/channels/" + channel, "", {}).code()
        == "in_use");
}

TEST_CASE_METHOD(with_server, "an event that is too old starts no run",
                 "[system][rules]") {
  const auto type = fresh("old.seen.");
  const auto who = fresh("usr_");
  publish(api,
          sequence_on(fresh("old_"), type, sends, R"("max_event_age":"1h",)"));
  const auto body = [&](const std::string& at) {
    return R"({"name":")" + type + R"(","userId":")" + who
           + R"(","occurredAt":")" + at + "\"}";
  };
  const auto old = api.emit(body("2020-01-01T00:00:00Z"));
  INFO(old.body);
  CHECK(old.number("/fan_out/sequences_woken") == 0);
  emit(api, type, who);
  CHECK(sent_to(api, who) == 1);
}

TEST_CASE_METHOD(with_server,
                 "a rule that cannot work is refused with its place",
                 "[system][rules]") {
  const auto refused = [&](const std::string& more, const std::string& nodes,
                           const std::string& pointer,
                           const std::string& hint) {
    const auto answer
      = api.post("/v1/sequences/validate", sequence_on("k", "a", nodes, more));
    INFO(answer.body);
    CHECK(answer.status == 422);
    CHECK(answer.text("/errors/0/pointer") == pointer);
    CHECK(answer.body.find(hint) != std::string::npos);
  };
  refused("", R"("s":{"type":"split","weights":[{"weight":0,"then":"x"}]})",
          "/nodes/s/weights", "above 0");
  refused("",
          R"("s":{"type":"wait","until":{"time":"09:00",
             "timezone":"Europe/Londn"},"then":"x"})",
          "/nodes/s/until/timezone", "`Europe/London`");
  refused("",
          R"("s":{"type":"branch","cases":[{"if":
             {"var":"event.properties.$extra.x"},"then":"x"}],"else":"x"})",
          "/nodes/s/cases/0/if/var", "$extra");
  refused(R"("frequency_cap":{"max":1,"within":"1d","channel":"captur"},)",
          sends, "/frequency_cap/channel", "`capture`");
  refused(R"("quiet_hours":{"from":"22:00","to":"22:00"},)", sends,
          "/quiet_hours/to", "differ");
}

TEST_CASE_METHOD(with_server,
                 "G77 an operator skips a wait and lets a run enter its node "
                 "again",
                 "[system][rules]") {
  const auto type = fresh("g77.seen.");
  const auto who = fresh("usr_");
  publish(api, sequence_on(fresh("g77_"), type,
                           R"("s":{"type":"wait","for":"30d","then":"r"},
      "r":{"type":"state","on":[{"event":"never","then":"x"}]})"));
  emit(api, type, who);
  const auto run = "/v1/runs/" + first_run(api, who, "id");
  const auto woken_at = first_run(api, who, "wake_at");
  const auto again = api.post(run + "/retry", R"({"reason":"a test"})");
  INFO(again.body);
  REQUIRE(again.status == 200);
  CHECK(again.text("/node") == "s");
  CHECK(again.text("/wake_at") >= woken_at);
  CHECK(again.text("/history/1/cause/reason") == "a test");
  const auto skipped = api.post(run + "/skip", "");
  CHECK(skipped.text("/node") == "r");
  CHECK_FALSE(skipped.has("/wake_at"));
  CHECK(api.post(run + "/skip", "").code() == "nothing_to_skip");
  const auto log = api.get("/v1/audit-log?contact[external_id]=" + who);
  CHECK(log.text("/data/0/action") == "run.skipped");
  CHECK(log.text("/data/1/action") == "run.retried");
}

TEST_CASE_METHOD(with_server,
                 "X6 c: a wait and its event from two clients at once end in "
                 "one edge, whichever is first",
                 "[system][rules]") {
  const auto type = fresh("x6.go.");
  const auto paid = fresh("x6.paid.");
  publish(api, sequence_on(fresh("x6_"), type,
                           R"("s":{"type":"wait","any":[{"event":")" + paid
                             + R"("}],"look_back":"1d","then":"p",
                          "timeout":"1d","on_timeout":"x"},
      "p":{"type":"update","score_add":1,"then":"x"})"));
  auto second = shared_server().client();
  for (int i = 0; i < 25; ++i) {
    const auto who = fresh("usr_");
    std::thread other{[&] {
      second.emit(event_body(paid, by_external_id(who)));
    }};
    api.emit(event_body(type, by_external_id(who)));
    other.join();
    CHECK(contact_of(api, who).number("/score") == 1);
    CHECK(first_run(api, who, "status") == "completed");
  }
}

TEST_CASE("B61 runs wait for local time and for the end of quiet hours, over a "
          "restart",
          "[system][rules]") {
  troupe_server server;
  auto api = server.client();
  publish(api, sequence_on("nine", "nine.seen",
                           R"("s":{"type":"update",
        "set":{"timezone":"Europe/London"},"then":"w"},
      "w":{"type":"wait","until":{"time":"09:00"},"then":"x"})"));
  publish(api, sequence_on("quiet", "quiet.seen", sends,
                           R"("quiet_hours":{"timezone":"UTC","from":")"
                             + clock_in(hours{-2}) + R"(","to":")"
                             + clock_in(hours{2}) + "\"},"));
  emit(api, "nine.seen", "n");
  emit(api, "quiet.seen", "q");
  const auto due = first_run(api, "n", "wake_at");
  INFO(due);
  CHECK((due.ends_with("T09:00:00.000Z") || due.ends_with("T08:00:00.000Z")));
  CHECK(first_run(api, "q", "node") == "s");
  CHECK(first_run(api, "q", "wake_at").substr(11, 5) == clock_in(hours{2}));
  CHECK(sent_to(api, "q") == 0);
  REQUIRE(server.stop() == 0);
  server.start(hours{26});
  auto later = server.client();
  for (const auto* who : {"n", "q"})
    CHECK(eventually([&] {
      return first_run(later, who, "status") == "completed";
    }));
  CHECK(sent_to(later, "q") == 1);
}

TEST_CASE("S24 what came due while a sequence was paused is sent or left out "
          "when it is resumed",
          "[system][rules]") {
  troupe_server server;
  auto api = server.client();
  const std::string nodes = R"("s":{"type":"wait","for":"1h","then":"m"},
      "m":{"type":"send","channel":"capture","text":"late","then":"x"})";
  publish(api, sequence_on("send", "go", nodes));
  publish(api,
          sequence_on("skip", "go", nodes, R"("on_resume":"skip_overdue",)"));
  emit(api, "go", "u");
  for (const auto* key : {"send", "skip"})
    REQUIRE(api.post("/v1/sequences/" + std::string{key} + "/pause", "").status
            == 200);
  REQUIRE(server.stop() == 0);
  server.start(hours{3});
  auto later = server.client();
  const auto turns = [&] {
    return contact_of(later, "u", "/timeline").at("/data").as_array().size();
  };
  REQUIRE(eventually([&] { // both timers came and are held
    return turns() == 3;
  }));
  REQUIRE(later.post("/v1/sequences/skip/resume", "").status == 200);
  CHECK(eventually([&] {
    return turns() == 4;
  }));
  CHECK(sent_to(later, "u") == 0);
  REQUIRE(later.post("/v1/sequences/send/resume", "").status == 200);
  CHECK(eventually([&] {
    return sent_to(later, "u") == 1;
  }));
}

TEST_CASE_METHOD(with_server,
                 "S26 S27 one event starts every sequence that listens and "
                 "lets the contact in, once each, and no other",
                 "[system][rules]") {
  const auto signup = fresh("s26.signup.");
  const auto purchase = fresh("s26.purchase.");
  const auto tagging = [](const std::string& tag) {
    return R"("s":{"type":"update","tags_add":[")" + tag
           + R"("],"score_add":1,"then":"x"})";
  };
  publish(api, sequence_on(fresh("welcome_"), signup, tagging("welcomed")));
  publish(api, sequence_on(fresh("onboarding_"), signup, tagging("onboarded"),
                           R"("filter":{"has_tag":"new_users"},)"));
  publish(api, sequence_on(fresh("thanks_"), purchase, tagging("thanked")));
  const auto stranger = fresh("usr_");
  emit(api, signup, stranger);
  CHECK(tags_of(api, stranger) == R"(["welcomed"])");
  const auto fresher = fresh("usr_");
  const auto made = api.post("/v1/contacts", R"({"external_id":")" + fresher
                                               + R"(","tags":["new_users"]})");
  REQUIRE(made.status < 300);
  emit(api, signup, fresher);
  CHECK(tags_of(api, fresher) == R"(["new_users","onboarded","welcomed"])");
  CHECK(contact_of(api, fresher).number("/score") == 2);
}

TEST_CASE_METHOD(
  with_server,
  "R34 S31 what an event says is in every text of a sequence, by "
  "dots and by its bare name",
  "[system][rules]") {
  const auto type = fresh("r34.signed_up.");
  publish(api, sequence_on(fresh("r34_"), type,
                           R"("s":{"type":"update","set":{
      "greeting":"Hello {{user_name}} of {{event.properties.plan.name}}",
      "missing":"[{{nobody.said}}]"},"then":"x"})"));
  const auto who = fresh("usr_");
  const auto answer = api.emit(event_body(
    type, by_external_id(who), R"({"user_name":"Ada","plan":{"name":"Pro"}})"));
  REQUIRE(answer.status == 200);
  const auto shown = contact_of(api, who);
  INFO(shown.body);
  CHECK(shown.text("/attributes/greeting") == "Hello Ada of Pro");
  CHECK(shown.text("/attributes/missing") == "[]");
}
