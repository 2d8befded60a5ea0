// X1: one cause a case. `first_failed` names it, and once `unblock` is done the
// next identical event goes through.
#include "tests/system/explained.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <ctime>

using namespace troupe::test;
using std::chrono::hours;

namespace {

const std::string exits = R"("s":{"type":"exit"})";
const std::string sends
  = R"("s":{"type":"send","channel":"capture","text":"hi","then":"x"},
      "x":{"type":"exit"})";

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

/// A cause that has to do with attributes: `plan` is not "pro" yet.
const std::string is_pro
  = R"({"==":[{"var":"contact.attributes.plan"},"pro"]})";

} // namespace

TEST_CASE_METHOD(explained, "X1 trigger.type: it starts on other events",
                 "[system][explain]") {
  publish_with(R"("trigger":{"any":[{"event":")" + type + R"("},{"event":")"
               + type + R"(.*"}]},)" + entry + nodes(exits));
  const auto said = explain(emit(fresh("other.")));
  CHECK(said.text("/verdict") == "not_listening");
  CHECK(said.text("/first_failed/rule") == "trigger.type");
  CHECK(said.text("/first_failed/inputs/listens_to/1") == type + ".*");
  CHECK(said.text("/unblock/by_event/0") == type);
  const auto started = explain(emit(said.text("/unblock/by_event/0")));
  CHECK(started.text("/verdict") == "started");
  CHECK(started.text("/to_node") == "s");
  CHECK(started.at("/from_node").is_null());
  CHECK(started.at("/first_failed").is_null());
  CHECK(started.text("/run") == first_run("id"));
  CHECK(started.text("/checks/0/rule") == "trigger.type");
  CHECK(started.at("/checks/0/result") == true);
}

TEST_CASE_METHOD(explained, "X1 trigger.where", "[system][explain]") {
  publish_with(R"("trigger":{"any":[{"event":")" + type + R"(","where":)"
               + is_pro + "}]}," + entry + nodes(exits));
  const auto said = refused_by("trigger.where", emit(type));
  CHECK(said.at("/first_failed/expr") == json(is_pro));
  CHECK(said.at("/unblock/by_condition") == json(is_pro));
  CHECK(said.at("/first_failed/inputs/contact.attributes.plan").is_null());
  set_attribute("plan", "pro");
  const auto started = explain(emit(type));
  CHECK(started.text("/verdict") == "started");
  CHECK(started.text("/checks/1/inputs/contact.attributes.plan") == "pro");
}

TEST_CASE_METHOD(explained, "X1 filter", "[system][explain]") {
  publish_with(trigger + R"("filter":{"has_tag":"vip"},)" + entry
               + nodes(exits));
  const auto event = emit(type);
  const auto said = refused_by("filter", event);
  CHECK(said.at("/unblock/by_condition") == json(R"({"has_tag":"vip"})"));
  CHECK(said.at("/first_failed/inputs/contact.tags") == json("[]"));
  write(R"({"tags":["vip"]})");
  CHECK(explain(emit(type)).text("/verdict") == "started");
  // What was decided stays what it was.
  CHECK(explain(event).body == said.body);
}

TEST_CASE_METHOD(explained, "X1 reentry: never again", "[system][explain]") {
  publish_with(trigger + R"("reentry":"never",)" + entry + nodes(exits));
  CHECK(explain(emit(type)).text("/verdict") == "started");
  const auto never = refused_by("reentry", emit(type));
  CHECK(never.text("/first_failed/expr") == "never");
  CHECK(never.at("/unblock") == json("{}"));
}

TEST_CASE_METHOD(explained, "X1 reentry: a run is still under way",
                 "[system][explain]") {
  publish_with(trigger + R"("reentry":"after_exit",)" + entry
               + nodes(R"("s":{"type":"wait","any":[{"event":")" + type
                       + R"(.done"}],"then":"x"},"x":{"type":"exit"})"));
  CHECK(explain(emit(type)).text("/verdict") == "started");
  const auto said = refused_by("reentry", emit(type));
  CHECK(said.number("/first_failed/inputs/live_runs") == 1);
  CHECK(said.text("/run") == first_run("id")); // it is in the way
  CHECK(said.text("/unblock/by_event/0") == type + ".done");
  CHECK(explain(emit(type + ".done")).text("/verdict") == "advanced");
  CHECK(explain(emit(type)).text("/verdict") == "started");
}

TEST_CASE_METHOD(explained, "X1 paused: the sequence, and a run of it",
                 "[system][explain]") {
  publish_with(trigger + entry
               + nodes(R"("s":{"type":"state","on":[{"event":")" + type
                       + R"(.on","then":"s"}]})"));
  const auto sequence = "/v1/sequences/" + key;
  REQUIRE(api.post(sequence + "/pause", "").status == 200);
  const auto said = refused_by("paused", emit(type));
  CHECK(said.text("/first_failed/inputs/held") == "sequence");
  CHECK(said.text("/unblock/by_operator") == "sequence.resume");
  REQUIRE(api.post(sequence + "/resume", "").status == 200);
  CHECK(explain(emit(type)).text("/verdict") == "started");
  const auto run = "/v1/runs/" + first_run("id");
  REQUIRE(api.post(run + "/pause", "").status == 200);
  const auto held = refused_by("paused", emit(type + ".on"));
  CHECK(held.text("/first_failed/inputs/held") == "run");
  CHECK(held.text("/unblock/by_operator") == "run.resume");
  CHECK(held.text("/from_node") == "s");
  REQUIRE(api.post(run + "/resume", "").status == 200);
  CHECK(explain(emit(type + ".on")).text("/verdict") == "advanced");
}

TEST_CASE_METHOD(explained, "X1 goal and exit_when: their condition",
                 "[system][explain]") {
  for (const std::string rule : {"goals", "exit_when"}) {
    const auto name = rule == "goals" ? "goal" : "exit_when";
    begin_again();
    publish_with(trigger + "\"" + rule + R"(":[{"event":"its.end","where":)"
                 + is_pro + "}]," + entry
                 + nodes(R"("s":{"type":"wait","for":"1d","then":"x"},
                            "x":{"type":"exit"})"));
    CHECK(explain(emit(type)).text("/verdict") == "started");
    const auto said = refused_by(name, emit("its.end"));
    CHECK(said.at("/unblock/by_condition") == json(is_pro));
    CHECK(said.text("/next_timer") == first_run("wake_at"));
    set_attribute("plan", "pro");
    const auto ended = explain(emit("its.end"));
    CHECK(ended.text("/verdict") == "advanced");
    CHECK(ended.at("/to_node").is_null());
    CHECK(ended.at("/next_timer").is_null());
  }
}

TEST_CASE_METHOD(explained, "X1 goal and exit_when: the run has ended by them",
                 "[system][explain]") {
  for (const std::string rule : {"goals", "exit_when"}) {
    begin_again();
    publish_with(trigger + "\"" + rule + R"(":[{"event":"its.end"}],)" + entry
                 + nodes(R"("s":{"type":"wait","any":[{"event":"paid"}],
                            "then":"x"},"x":{"type":"exit"})"));
    emit(type);
    emit("its.end");
    const auto said = explain(emit("paid"));
    CHECK(said.text("/verdict") == "not_listening");
    CHECK(said.text("/first_failed/rule")
          == (rule == "goals" ? "goal" : "exit_when"));
    CHECK(said.text("/unblock/by_event/0") == type);
    emit(type);
    CHECK(explain(emit("paid")).text("/verdict") == "advanced");
  }
}

TEST_CASE_METHOD(explained, "X1 max_event_age", "[system][explain]") {
  publish_with(trigger + R"("max_event_age":"1h",)" + entry + nodes(exits));
  const auto old = api.emit(R"({"name":")" + type + R"(","userId":")" + who
                            + R"(","occurredAt":"2020-01-01T00:00:00Z"})");
  const auto said = refused_by("max_event_age", old);
  CHECK(said.text("/first_failed/inputs/occurred_at")
        == "2020-01-01T00:00:00.000Z");
  CHECK(explain(emit(said.text("/unblock/by_event/0"))).text("/verdict")
        == "started");
}

TEST_CASE_METHOD(explained, "X1 dedup: the first result was answered again",
                 "[system][explain]") {
  publish_with(trigger + R"("reentry":"always",)" + entry + nodes(exits));
  const auto body = event_body(type, by_external_id(who));
  const auto first = api.emit(body, who);
  const auto second = api.emit(body, who);
  REQUIRE(second.header("idempotent-replay") == "true");
  CHECK(explain(first).text("/checks/0/rule") == "dedup");
  CHECK(explain(first).text("/verdict") == "started");
  const auto said = explain(second, "&repeat=true");
  CHECK(said.text("/verdict") == "ignored");
  CHECK(said.text("/first_failed/rule") == "dedup");
  CHECK(said.text("/first_failed/inputs/first_at")
        == first.text("/received_at"));
  CHECK(said.has("/unblock/at"));
  CHECK(explain(api.emit(body, who + "2")).text("/verdict") == "started");
  CHECK(ask("?event=" + emit(type).text("/id") + "&repeat=true").code()
        == "query_parameter_invalid");
}

TEST_CASE_METHOD(explained, "X1 version: published later, a draft, archived",
                 "[system][explain]") {
  const auto save = [&](const std::string& event, const std::string& status) {
    const auto made = api.post(
      "/v1/sequences", R"({"key":")" + key + R"(","status":")" + status
                         + R"(","trigger":{"any":[{"event":")" + event
                         + R"("}]},)" + entry + R"("nodes":{)" + exits + "}}");
    INFO(made.body);
    REQUIRE(made.status == 201);
  };
  save(type, "draft");
  const auto draft = explain(emit(type));
  CHECK(draft.text("/verdict") == "not_listening");
  CHECK(draft.text("/first_failed/rule") == "version");
  CHECK(draft.text("/first_failed/inputs/status") == "draft");
  CHECK(draft.text("/unblock/by_operator") == "sequence.publish");
  REQUIRE(api.post("/v1/sequences/" + key + "/publish", "").status == 200);
  CHECK(explain(emit(type)).text("/verdict") == "started");
  const auto early = emit("later." + type);
  CHECK(explain(early).text("/first_failed/rule") == "trigger.type");
  save("later." + type, "active");
  const auto later = explain(early);
  CHECK(later.text("/verdict") == "not_listening");
  CHECK(later.text("/first_failed/rule") == "version");
  CHECK(later.number("/first_failed/inputs/version") == 2);
  CHECK(explain(emit(later.text("/unblock/by_event/0"))).text("/verdict")
        == "started");
  REQUIRE(api.post("/v1/sequences/" + key + "/archive", "").status == 200);
  const auto gone = explain(emit("later." + type));
  CHECK(gone.text("/first_failed/rule") == "version");
  CHECK(gone.text("/first_failed/inputs/status") == "archived");
}

TEST_CASE_METHOD(explained, "X1 wait.where and wait.event: the cart story",
                 "[system][explain]") {
  const auto same_cart
    = R"({"==":[{"var":"event.properties.cart"},{"var":"run.vars.cart"}]})";
  publish_with(
    trigger + R"("vars":{"cart":{"var":"event.properties.cart"}},)" + entry
    + nodes(R"("s":{"type":"wait","any":[{"event":"order.completed","where":)"
            + std::string{same_cart}
            + R"(}],"then":"x","timeout":"1d","on_timeout":"r"},
        "r":{"type":"state","on":[{"event":"never","then":"x"}]},
        "x":{"type":"exit"})"));
  CHECK(explain(emit(type, R"({"cart":"c1"})")).text("/verdict") == "started");
  const auto said
    = refused_by("wait.where", emit("order.completed", R"({"cart":"c2"})"));
  CHECK(said.at("/unblock/by_condition") == json(same_cart));
  CHECK(said.text("/first_failed/inputs/event.properties.cart") == "c2");
  CHECK(said.text("/first_failed/inputs/run.vars.cart") == "c1");
  CHECK(said.text("/from_node") == "s");
  CHECK(said.text("/run") == first_run("id"));
  CHECK(said.text("/next_timer") == first_run("wake_at"));
  const auto other = explain(emit("page.viewed"));
  CHECK(other.text("/verdict") == "not_listening");
  CHECK(other.text("/first_failed/rule") == "wait.event");
  CHECK(other.text("/unblock/by_event/0") == "order.completed");
  CHECK(other.text("/unblock/at") == first_run("wake_at"));
  const auto done = explain(emit("order.completed", R"({"cart":"c1"})"));
  CHECK(done.text("/verdict") == "advanced");
  CHECK(done.text("/from_node") == "s");
  CHECK(done.text("/to_node") == "x");
}

TEST_CASE_METHOD(explained, "X1 wait.count: it waits for more of them",
                 "[system][explain]") {
  publish_with(trigger + entry
               + nodes(R"("s":{"type":"wait","any":[{"event":"step",
                "count":2}],"then":"x"},"x":{"type":"exit"})"));
  emit(type);
  const auto said = explain(emit("step"));
  CHECK(said.text("/verdict") == "waited");
  CHECK(said.text("/first_failed/rule") == "wait.count");
  CHECK(said.number("/first_failed/inputs/seen") == 1);
  CHECK(said.number("/first_failed/inputs/needed") == 2);
  CHECK(explain(emit(said.text("/unblock/by_event/0"))).text("/verdict")
        == "advanced");
}

TEST_CASE_METHOD(explained,
                 "X1 merge: an event that makes contacts one starts "
                 "nothing",
                 "[system][explain]") {
  publish_with(trigger + entry + nodes(exits));
  const auto address = who + "@example.com";
  const auto first
    = api.emit(event_body("seen", R"({"anonymous_id":")" + who + "\"}"));
  api.emit(event_body("seen", by_email(address)));
  const auto both
    = event_body(type, R"({"external_id":")" + who + R"(","email":")" + address
                         + R"(","anonymous_id":")" + who + "\"}");
  const auto said = explain(api.emit(both));
  CHECK(said.text("/verdict") == "ignored");
  CHECK(said.text("/first_failed/rule") == "merge");
  CHECK(explain(api.emit(both)).text("/verdict") == "started");
  // Events of those it absorbed are its own.
  CHECK(explain(first).text("/first_failed/rule") == "trigger.type");
}

TEST_CASE_METHOD(explained,
                 "X1 without an event it is about the newest one, "
                 "or what a first one would be asked",
                 "[system][explain]") {
  publish_with(trigger + R"("filter":{"has_tag":"vip"},)" + entry
               + nodes(exits));
  REQUIRE(api.post("/v1/contacts", by_external_id(who)).status == 201);
  const auto nothing = ask();
  INFO(nothing.body);
  CHECK(nothing.at("/event").is_null());
  CHECK(nothing.text("/verdict") == "not_listening");
  CHECK(nothing.text("/unblock/by_event/0") == type);
  CHECK(nothing.text("/checks/1/rule") == "filter");
  CHECK(nothing.at("/checks/1/result").is_null());
  emit("first");
  const auto newest = emit(type);
  CHECK(ask().text("/event") == newest.text("/id"));
  CHECK(ask().text("/first_failed/rule") == "filter");
}

TEST_CASE_METHOD(explained, "X1 what is not there is refused",
                 "[system][explain]") {
  publish_with(trigger + entry + nodes(exits));
  const auto event = emit(type).text("/id");
  const auto other = fresh("usr_");
  api.emit(event_body(type, by_external_id(other)));
  CHECK(contact_of(api, other, "/sequences/" + key + "/explain?event=" + event)
          .code()
        == "event_not_found");
  CHECK(ask("?event=evt_1").code() == "event_not_found");
  CHECK(ask("?events=1").code() == "query_parameter_unknown");
  CHECK(ask("?repeat=true").code() == "query_parameter_invalid");
  CHECK(contact_of(api, who, "/sequences/none/explain").code()
        == "sequence_not_found");
  CHECK(
    contact_of(api, fresh("nobody_"), "/sequences/" + key + "/explain").code()
    == "contact_not_found");
}

TEST_CASE_METHOD(explained,
                 "X1 reentry, cooldown, frequency_cap and quiet_hours say when "
                 "they end, and then it goes through",
                 "[system][explain]") {
  troupe_server server;
  api = server.client();
  const auto again = [&](const std::string& rule, const std::string& members,
                         const std::string& does) {
    begin_again();
    key = rule;
    trigger = R"("trigger":{"any":[{"event":"go"}]},)";
    publish_with(trigger + members + entry + nodes(does));
  };
  again("cooldown", R"("cooldown":"1h",)", exits);
  again("reentry", R"("reentry":{"after":"1h"},)", exits);
  again("frequency_cap",
        R"("reentry":"always","frequency_cap":{"max":1,"within":"1h"},)",
        sends);
  again("quiet_hours",
        R"("reentry":"always","quiet_hours":{"timezone":"UTC","from":")"
          + clock_in(-hours{2}) + R"(","to":")" + clock_in(hours{2}) + "\"},",
        sends);
  emit("go");
  const auto second = emit("go");
  std::string last; // time at which one of them ends
  for (const auto* rule :
       {"cooldown", "reentry", "frequency_cap", "quiet_hours"}) {
    key = rule;
    const auto said = explain(second);
    CHECK(said.text("/first_failed/rule") == rule);
    CHECK(said.text("/unblock/at") > second.text("/received_at"));
    last = std::max(last, said.text("/unblock/at"));
    const auto runs = std::string{rule} == "frequency_cap"
                      || std::string{rule} == "quiet_hours";
    CHECK(said.text("/verdict") == (runs ? "started" : "refused"));
  }
  key = "quiet_hours";
  CHECK(explain(second).text("/to_node") == "s");
  CHECK(explain(second).text("/next_timer") == last);
  key = "frequency_cap";
  CHECK(explain(second).number("/first_failed/expr/max") == 1);
  REQUIRE(server.stop() == 0);
  server.start(hours{4});
  api = server.client();
  const auto later = emit("go");
  CHECK(later.text("/received_at") > last);
  for (const auto* rule :
       {"cooldown", "reentry", "frequency_cap", "quiet_hours"}) {
    key = rule;
    const auto said = explain(later);
    CHECK(said.text("/verdict") == "started");
    CHECK(said.at("/first_failed").is_null());
  }
}
