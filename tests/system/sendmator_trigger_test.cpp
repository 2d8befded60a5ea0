// Sendmator's door: triggers, and events that are scheduled.
#include "tests/system/sendmator.hpp"

#include <thread>

using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

struct triggers {
  team here{shared_server()};

  static void advance(team& of, const std::string& by) {
    const auto moved
      = of.api.post("/v1/test-clock/advance", R"({"by":")" + by + "\"}");
    INFO(moved.body);
    REQUIRE(moved.status == 200);
  }

  static std::string later(team& of, std::chrono::milliseconds after) {
    const auto now = troupe::engine::parse_iso8601(
      of.api.get("/v1/test-clock").text("/now"));
    REQUIRE(now);
    return troupe::engine::to_iso8601(*now + after);
  }
};

} // namespace

TEST_CASE_METHOD(
  triggers,
  "S7 S13 S35 a scheduled event is told with its time, and waits "
  "without having begun",
  "[system][sendmator_triggers]") {
  const auto type = here.type("renewal");
  const auto who = fresh("user_");
  const auto time = in_from_now(1h);
  const auto sent = here.send(event_for(type, who, at(time)));
  INFO(sent.body);
  CHECK(sent.status == 201);
  CHECK(sent.text("/message") == "Event scheduled for " + time);
  CHECK(sent.text("/scheduled_for") == time);
  CHECK(sent.at("/job_id").is_string());
  CHECK(!here.send(event_for(type, fresh("user_"))).has("/scheduled_for"));
  const auto seen = here.trigger(sent);
  INFO(seen.body);
  CHECK(seen.text("/status") == "scheduled");
  CHECK(seen.at("/started_at").is_null());
  CHECK(seen.at("/completed_at").is_null());
  CHECK(seen.text("/scheduled_for") == time);
  CHECK(contact_of(here.api, who).status == 404);
}

TEST_CASE_METHOD(
  triggers,
  "S15 S16 S47 a time that is none, has no offset, or is past is "
  "refused, and one with an offset is told in UTC",
  "[system][sendmator_triggers]") {
  const auto type = here.type("timed");
  for (const auto* wrong :
       {"\"soon\"", "\"2999-12-15T10:00:00\"", "\"2999-13-15T10:00:00Z\"",
        "1734256800", "true", "\"\""})
    check_refused(
      here.send(event_for(type, "u", R"(,"trigger_at":)" + std::string{wrong})),
      400, "Invalid trigger_at format", "Bad Request");
  for (const auto& past :
       {std::string{"2024-12-15T10:00:00Z"}, in_from_now(-1s)})
    check_refused(here.send(event_for(type, "u", at(past))), 400,
                  "trigger_at must be a future date", "Bad Request");
  team frozen{shared_server(), "test"};
  const auto other = frozen.type("timed");
  check_refused(frozen.send(event_for(other, "u", at(later(frozen, 0ms)))), 400,
                "trigger_at must be a future date", "Bad Request");
  CHECK(here.send(event_for(type, "u", at("2099-01-01T00:00:00Z"))).status
        == 400);
  const auto due = in_from_now(48h);
  const auto at_zero
    = *troupe::engine::parse_iso8601(due) + std::chrono::minutes{330};
  auto indian = troupe::engine::to_iso8601(at_zero);
  indian.replace(indian.size() - 1, 1, "+05:30");
  const auto sent = here.send(event_for(type, "u", at(indian)));
  INFO(sent.body);
  CHECK(sent.text("/scheduled_for") == due);
}

TEST_CASE("S22 a scheduled event survives a crash and happens once, not before "
          "its time",
          "[system][sendmator_triggers]") {
  troupe_server server;
  team here{server};
  const auto type = here.type("due");
  std::vector<api_answer> sent;
  const auto due = std::chrono::system_clock::now() + 4s;
  for (int i = 0; i < 20; ++i)
    sent.push_back(here.send(
      event_for(type, "u" + std::to_string(i),
                at(troupe::engine::to_iso8601(
                  std::chrono::floor<std::chrono::milliseconds>(due))))));
  for (const auto& each : sent)
    REQUIRE(each.status == 201);
  server.kill();
  server.start();
  here.find(server);
  CHECK(here.trigger(sent.front()).text("/status") != "failed");
  for (const auto& each : sent)
    here.over(each);
  server.kill();
  server.start();
  here.find(server);
  for (int i = 0; i < 20; ++i) {
    const auto who = "u" + std::to_string(i);
    const auto found = here.api.get("/v1/events?contact[external_id]=" + who);
    REQUIRE(found.at("/data").as_array().size() == 1);
    const auto at
      = troupe::engine::parse_iso8601(found.text("/data/0/received_at"));
    REQUIRE(at);
    CHECK(*at >= std::chrono::floor<std::chrono::milliseconds>(due));
  }
}

TEST_CASE("S22 S23 a crash while events fall due loses none and repeats none",
          "[system][sendmator_triggers]") {
  troupe_server server;
  team here{server};
  const auto type = here.type("storm");
  constexpr int events = 150;
  std::vector<api_answer> sent;
  for (int i = 0; i < events; ++i)
    sent.push_back(here.send(
      event_for(type, "u" + std::to_string(i % 10), at(in_from_now(2500ms)))));
  // It ends as soon as the first of them has happened.
  REQUIRE(eventually([&] {
    return here.trigger(sent.front()).text("/status") == "completed";
  }));
  server.kill();
  server.start();
  here.find(server);
  for (const auto& each : sent)
    here.over(each);
  for (int i = 0; i < 10; ++i)
    CHECK(here.heard("u" + std::to_string(i), type) == events / 10);
}

TEST_CASE_METHOD(triggers,
                 "S23 workflows and filters are asked when the event happens, "
                 "and a scheduled one can be called off",
                 "[system][sendmator_triggers]") {
  team frozen{shared_server(), "test"};
  const auto type = frozen.type("fired");
  const auto first = frozen.send(event_for(type, "a", at(later(frozen, 2h))));
  const auto second = frozen.send(event_for(type, "b", at(later(frozen, 2h))));
  REQUIRE(second.status == 201);
  const auto off = frozen.cancel(second.text("/trigger_id"));
  INFO(off.body);
  CHECK(off.status == 200);
  CHECK(off.text("/status") == "cancelled");
  CHECK(frozen.trigger(second).text("/status") == "cancelled");
  check_refused(frozen.cancel(second.text("/trigger_id")), 409,
                "Trigger is not scheduled any more and cannot be cancelled",
                "Conflict");
  // What is published and set after it was sent counts.
  publish(frozen.api,
          sequence_on(fresh("s23_"), type, R"("s":)" + message("hi", "x"),
                      R"("filter":{"has_tag":"vip"},)"));
  REQUIRE(
    frozen.api.post("/v1/contacts", R"({"external_id":"a","tags":["vip"]})")
      .status
    < 300);
  advance(frozen, "119m");
  CHECK(frozen.trigger(first).text("/status") == "scheduled");
  advance(frozen, "2m");
  const auto seen = frozen.over(first);
  CHECK(seen.number("/summary/sent") == 1);
  CHECK(frozen.heard("a", type) == 1);
  CHECK(contact_of(frozen.api, "b").status == 404);
  CHECK(frozen.cancel(first.text("/trigger_id")).status == 409);
  const auto plain = frozen.send(event_for(type, "a"));
  CHECK(frozen.cancel(plain.text("/trigger_id")).status == 409);
}

TEST_CASE_METHOD(triggers,
                 "S47 an event type that was archived meanwhile ends its "
                 "scheduled events with nobody and a reason",
                 "[system][sendmator_triggers]") {
  team frozen{shared_server(), "test"};
  const auto type = frozen.type("archived");
  const auto sent = frozen.send(event_for(type, "a", at(later(frozen, 1h))));
  const auto nobodys = frozen.send(R"({"event_name":")" + frozen.type("none")
                                   + "\"" + at(later(frozen, 1h)) + "}");
  REQUIRE(nobodys.status == 201);
  REQUIRE(frozen.api.post("/v1/event-types/" + type + "/archive", "").status
          == 200);
  advance(frozen, "1h");
  const auto seen = frozen.over(sent);
  CHECK(seen.number("/summary/total_contacts") == 0);
  CHECK(seen.text("/reason") == "event_type_not_active");
  CHECK(frozen.over(nobodys).text("/reason") == "no_contact_identifier");
  CHECK(contact_of(frozen.api, "a").status == 404);
}

TEST_CASE_METHOD(triggers,
                 "a scheduled event that makes two contacts one happens once",
                 "[system][sendmator_triggers]") {
  team frozen{shared_server(), "test"};
  const auto type = frozen.type("joined");
  const auto user = [&](const std::string& members, const std::string& more) {
    return frozen.send(R"({"event_name":")" + type + R"(","user_info":{)"
                       + members + "}" + more + "}");
  };
  REQUIRE(user(R"("email":"m1@example.com")", "").status == 201);
  REQUIRE(user(R"("contact_external_id":"m1")", "").status == 201);
  const auto sent
    = user(R"("contact_external_id":"m1","email":"m1@example.com")",
           at(later(frozen, 1h)));
  advance(frozen, "1h");
  frozen.over(sent);
  CHECK(frozen.heard("m1", type) == 3);
}

TEST_CASE_METHOD(triggers,
                 "S34 S44 a trigger says what it is, how far it is, and where "
                 "the details are",
                 "[system][sendmator_triggers]") {
  const auto type = here.type("seen");
  publish(here.api,
          sequence_on(fresh("s34_"), type, R"("s":)" + message("hi", "x")));
  const auto sent = here.send(event_for(type, fresh("user_")));
  const auto seen = here.over(sent);
  const auto id = sent.text("/trigger_id");
  INFO(seen.body);
  CHECK(seen.text("/id") == id);
  CHECK(seen.text("/flow_type") == "workflow");
  CHECK(seen.text("/trigger_type") == "workflow");
  CHECK(seen.text("/status") == "completed");
  CHECK(seen.text("/created_at") <= seen.text("/started_at"));
  CHECK(seen.text("/started_at") <= seen.text("/completed_at"));
  CHECK(seen.number("/summary/total_contacts") == 1);
  CHECK(seen.number("/summary/sent") == 1);
  CHECK(seen.text("/details_endpoint") == "/triggers/" + id + "/workflow");
}

TEST_CASE_METHOD(triggers,
                 "S37 the details count per workflow, and list the contacts "
                 "that were left out and why",
                 "[system][sendmator_triggers]") {
  const auto type = here.type("detailed");
  const auto open = fresh("s37_open_");
  const auto closed = fresh("s37_closed_");
  publish(here.api, sequence_on(open, type, R"("s":)" + message("hi", "x")));
  publish(here.api, sequence_on(closed, type, R"("s":)" + message("hi", "x"),
                                R"("filter":{"has_tag":"vip"},)"));
  const auto sent = here.send(event_for(type, fresh("user_")));
  here.over(sent);
  const auto details = here.trigger(sent, "/workflow");
  INFO(details.body);
  REQUIRE(details.at("/workflows").as_array().size() == 2);
  CHECK(details.text("/workflows/0/workflow_name") == closed);
  CHECK(details.number("/workflows/0/summary/filtered") == 1);
  CHECK(details.number("/workflows/0/filter_reasons/filter") == 1);
  CHECK(details.number("/workflows/1/summary/sent") == 1);
  const auto list = "/triggers/" + sent.text("/trigger_id") + "/jobs";
  CHECK(details.text("/execution_details_endpoint") == list);
  const auto left_out = here.get(list + "?status=filtered&limit=50");
  INFO(left_out.body);
  REQUIRE(left_out.at("/data").as_array().size() == 1);
  CHECK(left_out.text("/data/0/reason") == "filter");
  CHECK(left_out.text("/data/0/workflow_name") == closed);
  const auto first = here.get(list + "?limit=1");
  CHECK(first.at("/has_more") == true);
  const auto second
    = here.get(list + "?limit=1&cursor=" + first.text("/next_cursor"));
  INFO(second.body);
  CHECK(second.at("/has_more") == false);
  REQUIRE(second.at("/data").as_array().size() == 1);
  CHECK(second.text("/data/0/workflow_name")
        != first.text("/data/0/workflow_name"));
  CHECK(here.get(list + "?status=late").status == 400);
}

TEST_CASE_METHOD(triggers,
                 "S38 a trigger that is not there, or another team's, is 404",
                 "[system][sendmator_triggers]") {
  team other{shared_server()};
  const auto type = here.type("mine");
  const auto now = here.send(event_for(type, "u"));
  const auto later = here.send(event_for(type, "u", at(in_from_now(1h))));
  const auto nobodys = here.send(R"({"event_name":")" + type + "\"}");
  for (const auto* rest : {"", "/workflow", "/jobs"})
    for (const auto* sent : {&now, &later, &nobodys}) {
      CHECK(here.trigger(*sent, rest).status == 200);
      check_refused(other.trigger(*sent, rest), 404, "Trigger not found",
                    "Not Found");
    }
  check_refused(other.cancel(later.text("/trigger_id")), 404,
                "Trigger not found", "Not Found");
  for (const auto* id : {"f47ac10b-58cc-4372-a567-0e02b2c3d479", "1", "evt_"})
    check_refused(here.get("/triggers/" + std::string{id}), 404,
                  "Trigger not found", "Not Found");
}

TEST_CASE_METHOD(
  triggers,
  "S39 S48 a synchronous trigger answers with what each workflow "
  "did, and does not wait for waits",
  "[system][sendmator_triggers]") {
  const auto type = here.type("tried");
  const auto sends = fresh("s48_a_");
  const auto waits = fresh("s48_b_");
  const auto refuses = fresh("s48_c_");
  publish(here.api, sequence_on(sends, type, R"("s":)" + message("hi", "x")));
  publish(here.api, sequence_on(waits, type,
                                R"("s":{"type":"wait","for":"3d","then":"m"},
                                   "m":)"
                                  + message("late", "x")));
  publish(here.api, sequence_on(refuses, type, R"("s":)" + message("hi", "x"),
                                R"("filter":{"has_tag":"vip"},)"));
  const auto tried
    = here.post("/events/trigger", event_for(type, fresh("user_")));
  INFO(tried.body);
  CHECK(tried.status == 200);
  REQUIRE(tried.at("/results").as_array().size() == 3);
  CHECK(tried.text("/results/0/workflow_name") == sends);
  CHECK(tried.text("/results/0/status") == "executed");
  CHECK(tried.text("/results/0/execution_id").starts_with("run_"));
  CHECK(tried.text("/results/0/workflow_id").starts_with("seq_"));
  CHECK(tried.text("/results/0/steps/0/node") == "s");
  CHECK(tried.text("/results/0/steps/0/channel") == "capture");
  CHECK(tried.text("/results/1/status") == "executed");
  CHECK(tried.at("/results/1/steps").as_array().empty());
  CHECK(tried.text("/results/2/status") == "filtered");
  CHECK(tried.text("/results/2/reason") == "filter");
  CHECK(here.trigger(tried).text("/status") == "processing");
  check_refused(here.post("/events/trigger", R"({"event_name":"s48.no"})"), 404,
                "Event type not found", "Not Found");
  const auto nobody
    = here.post("/events/trigger", R"({"event_name":")" + type + "\"}");
  CHECK(nobody.text("/reason") == "no_contact_identifier");
}
