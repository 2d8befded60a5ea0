// Test workspaces: their time is moved, and nothing leaves them.
#include "engine/time.hpp"
#include "tests/support/mail_server.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace troupe::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

const std::string patient = R"({"key":"patient","status":"active",
  "reentry":"always","trigger":{"any":[{"event":"start"}]},"entry":"rest",
  "nodes":{"rest":{"type":"wait","for":"7d","then":"add"},
           "add":{"type":"update","score_add":1,"then":"done"},
           "done":{"type":"exit"}}})";

/// Of a new workspace of kind `test`; with every scope but `admin`.
std::string test_key(troupe_server& server) {
  auto admin = server.client();
  const auto made
    = admin.post("/v1/workspaces", R"({"name":"t","kind":"test"})");
  INFO(made.body);
  REQUIRE(made.status == 201);
  return made.text("/key");
}

api_client test_workspace(troupe_server& server) {
  return api_client{server.port(), test_key(server)};
}

api_answer advance(api_client& api, const std::string& by) {
  const auto moved
    = api.post("/v1/test-clock/advance", R"({"by":")" + by + "\"}");
  INFO(moved.body);
  REQUIRE(moved.status == 200);
  return moved;
}

troupe::engine::timestamp time_of(const std::string& text) {
  const auto at = troupe::engine::parse_iso8601(text);
  INFO(text);
  REQUIRE(at);
  return *at;
}

troupe::engine::timestamp now_of(api_client& api) {
  const auto shown = api.get("/v1/test-clock");
  INFO(shown.body);
  REQUIRE(shown.status == 200);
  return time_of(shown.text("/now"));
}

void set(api_client& api, troupe::engine::timestamp now) {
  const auto moved = api.post(
    "/v1/test-clock", R"({"now":")" + troupe::engine::to_iso8601(now) + "\"}");
  INFO(moved.body);
  REQUIRE(moved.status == 200);
}

void start(api_client& api, const std::string& who) {
  const auto sent = api.emit(event_body("start", who));
  INFO(sent.body);
  REQUIRE(sent.status == 200);
}

/// "order=event:nudged@36:00": where a turn took runs, and hours and minutes
/// after the beginning; its event before it when it has one.
std::vector<std::string> steps_of(const api_answer& moved,
                                  troupe::engine::timestamp began) {
  std::vector<std::string> out;
  for (const auto& turn : moved.at("/turns").as_array()) {
    const auto after
      = std::chrono::floor<std::chrono::minutes>(
          time_of(std::string{turn.at("at").as_string()}) - began)
          .count();
    std::string line;
    if (turn.at("type").is_string())
      line += std::string{turn.at("type").as_string()} + " ";
    for (const auto& each : turn.at("transitions").as_array())
      line += std::string{each.at("node").as_string()} + " ";
    out.push_back(line + "@" + std::to_string(after / 60) + ":"
                  + std::to_string(after % 60));
  }
  return out;
}

/// Everything in the outbox, the oldest first, asked for in small pages.
json::array outbox(api_client& api) {
  json::array all;
  std::string cursor;
  do {
    const auto page
      = api.get("/v1/test-outbox?limit=2"
                + (cursor.empty() ? cursor : "&cursor=" + cursor));
    INFO(page.body);
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      all.push_back(each);
    cursor = page.text("/next_cursor");
  } while (!cursor.empty());
  std::reverse(all.begin(), all.end());
  return all;
}

/// Two workspaces of the shared server.
class test_clock : protected with_server {
protected:
  api_client& live = api;
  api_client tested = test_workspace(shared_server());
};

} // namespace

TEST_CASE_METHOD(
  test_clock,
  "X9 a month of a sequence goes by in one request, with what it "
  "would have sent in the outbox and nothing outside",
  "[system][test_clock]") {
  webhook_sink sink;
  mail_server mail;
  REQUIRE(subscribe(tested, sink.url(), "nudged").status == 201);
  json::object channel{{"key", "letters"},
                       {"type", "smtp"},
                       {"host", "localhost"},
                       {"port", mail.port()},
                       {"username", "troupe"},
                       {"password", "s3cret-of-smtp"},
                       {"certificate", mail.certificate()},
                       {"from", "News <news@example.org>"}};
  REQUIRE(tested.post("/v1/channels", json::serialize(channel)).status == 201);
  publish(tested, R"({"key":"month","status":"active","entry":"welcome",
    "trigger":{"any":[{"event":"start"}]},"nodes":{
      "welcome":{"type":"send","channel":"letters","subject":"Hi {{name}}",
                 "text":"Welcome","then":"taken"},
      "taken":{"type":"wait","any":[{"event":"$email_sent","then":"rest"}],
               "timeout":"1h","on_timeout":"lost"},
      "rest":{"type":"wait","for":"3d","then":"crm"},
      "crm":{"type":"http","method":"PUT","url":")"
                    + sink.url()
                    + R"(","headers":{"Authorization":"Bearer hidden",
               "X-Kind":"month"},"body":{"who":"{{contact.email}}"},
             "await":true,"on_failure":"lost","then":"morning"},
      "morning":{"type":"wait","until":{"time":"09:00",
                 "timezone":"America/New_York"},"then":"tell"},
      "tell":{"type":"emit","event":"nudged","then":"order"},
      "order":{"type":"wait","any":[{"event":"order.completed","then":"done"}],
               "timeout":"20d","on_timeout":"bye"},
      "bye":{"type":"send","channel":"capture","subject":"Bye","then":"done"},
      "lost":{"type":"exit"},"done":{"type":"exit"}}})");
  // A winter's day, far from any change of clocks.
  const auto year
    = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(
                                    now_of(tested))}
        .year()
      + std::chrono::years{1};
  const auto began = std::chrono::sys_days{year / 12 / 1} + 12h;
  set(tested, began);
  start(tested, by_email("ada@example.org"));
  const auto moved = advance(tested, "P30D");
  CHECK(time_of(moved.text("/now")) == began + 30 * 24h);
  CHECK_FALSE(moved.at("/has_more").as_bool());
  const std::vector<std::string> rest{"crm @72:0",
                                      "$http_answered morning @72:0",
                                      "tell order @74:0", // 14:00 in UTC
                                      "nudged @74:0", "bye done @554:0"};
  auto steps = steps_of(moved, began);
  // What mail tells may be there before the clock is moved.
  if (steps.size() == rest.size() + 1) {
    CHECK(steps.front() == "$email_sent rest @0:0");
    steps.erase(steps.begin());
  }
  CHECK(steps == rest);
  const auto runs = tested.get("/v1/contacts/email:ada%40example.org/runs");
  INFO(runs.body);
  CHECK(runs.text("/data/0/status") == "completed");

  const auto kept = outbox(tested);
  INFO(json::serialize(kept));
  REQUIRE(kept.size() == 4);
  const auto text = [&](std::size_t index, const std::string& pointer) {
    json::error_code none;
    const auto* found = kept[index].find_pointer(pointer, none);
    return found != nullptr && found->is_string()
             ? std::string{found->as_string()}
             : std::string{};
  };
  CHECK(text(0, "/kind") == "send");
  CHECK(text(0, "/channel") == "letters");
  CHECK(text(0, "/node") == "welcome");
  CHECK(text(0, "/run") == runs.text("/data/0/id"));
  CHECK(text(0, "/request/to") == "ada@example.org");
  CHECK(text(0, "/request/subject") == "Hi ");
  CHECK(time_of(text(0, "/at")) == began);
  CHECK(text(1, "/kind") == "http");
  CHECK(text(1, "/request/method") == "PUT");
  CHECK(text(1, "/request/url") == sink.url());
  CHECK(text(1, "/request/headers/X-Kind") == "month");
  CHECK(text(1, "/request/body") == R"({"who":"ada@example.org"})");
  CHECK(time_of(text(1, "/at")) == began + 72h);
  CHECK(text(2, "/kind") == "webhook");
  CHECK(text(2, "/endpoint").starts_with("whe_"));
  CHECK(text(2, "/request/body").find("nudged") != std::string::npos);
  CHECK(text(3, "/channel") == "capture");
  CHECK(text(3, "/request/subject") == "Bye");
  const auto all = json::serialize(kept);
  for (const auto* secret : {"s3cret-of-smtp", "hidden", "whsec_"})
    CHECK(all.find(secret) == std::string::npos);
  CHECK(sink.wait_for(1, 1s).empty());
  CHECK(mail.next(1s).is_null());
}

TEST_CASE_METHOD(test_clock, "X9 local times fire once where clocks change",
                 "[system][test_clock]") {
  publish(tested, R"({"key":"early","status":"active","entry":"night",
    "trigger":{"any":[{"event":"start"}]},"nodes":{
      "night":{"type":"wait","until":{"time":"02:30",
               "timezone":"Europe/Berlin"},"then":"count"},
      "count":{"type":"update","score_add":1,"then":"night"}}})");
  const auto year
    = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(
                                    now_of(tested))}
        .year()
      + std::chrono::years{1};
  const auto sunday = std::chrono::sys_days{
    year / std::chrono::March / std::chrono::Sunday[std::chrono::last]};
  set(tested, sunday - 24h);
  start(tested, by_external_id("usr_1"));
  const auto gap = advance(tested, "3d");
  // 02:30 CET, 03:00 CEST (02:30 is skipped), 02:30 CEST.
  CHECK(steps_of(gap, sunday - 24h)
        == std::vector<std::string>{"count night @1:30", "count night @25:0",
                                    "count night @48:30"});
  const auto autumn = std::chrono::sys_days{
    year / std::chrono::October / std::chrono::Sunday[std::chrono::last]};
  set(tested, autumn - 24h + 12h);
  const auto fold = advance(tested, "2d");
  // The first 02:30, which is CEST, and 02:30 CET of the day after.
  CHECK(steps_of(fold, autumn)
        == std::vector<std::string>{"count night @0:30", "count night @25:30"});
}

TEST_CASE_METHOD(test_clock, "X9 a live workspace has no clock to move",
                 "[system][test_clock]") {
  const std::vector<api_answer> all{
    live.get("/v1/test-clock"), live.get("/v1/test-outbox"),
    live.post("/v1/test-clock", R"({"now":"2199-01-01T00:00:00Z"})"),
    live.post("/v1/test-clock/advance", R"({"by":"7d"})")};
  for (const auto& each : all) {
    INFO(each.body);
    CHECK(each.status == 403);
    CHECK(each.code() == "test_workspace_only");
  }
}

TEST_CASE_METHOD(test_clock, "X9 a test clock goes forward only",
                 "[system][test_clock]") {
  const auto before = now_of(tested);
  const auto back = tested.post(
    "/v1/test-clock",
    R"({"now":")" + troupe::engine::to_iso8601(before - 1s) + "\"}");
  CHECK(back.status == 409);
  CHECK(back.code() == "clock_backwards");
  set(tested, before); // where it is
  CHECK(now_of(tested) == before);
}

TEST_CASE_METHOD(test_clock,
                 "X9 a body that says no time is refused with where",
                 "[system][test_clock]") {
  const auto refused
    = [&](const std::string& path, const std::string& body,
          const std::string& code, const std::string& pointer) {
        const auto answer = tested.post(path, body);
        INFO(path << " " << body << " " << answer.body);
        CHECK(answer.status == 422);
        CHECK(answer.code() == code);
        CHECK(answer.text("/errors/0/pointer") == pointer);
      };
  const std::string clock = "/v1/test-clock";
  const auto onward = clock + "/advance";
  refused(clock, "{}", "field_required", "/now");
  refused(clock, R"({"now":"tomorrow"})", "field_invalid", "/now");
  refused(clock, R"({"now":7})", "field_type_mismatch", "/now");
  refused(clock, R"({"by":"7d"})", "field_unknown", "/by");
  refused(onward, "{}", "field_required", "/by");
  refused(onward, R"({"by":"7"})", "field_invalid", "/by");
  refused(onward, R"({"by":"-7d"})", "field_invalid", "/by");
  refused(onward, R"({"by":"7d","now":"x"})", "field_unknown", "/now");
  for (const auto* by : {"10000d", "P99Y"})
    refused(onward, R"({"by":")" + std::string{by} + "\"}", "field_invalid",
            "/by");
}

TEST_CASE_METHOD(
  test_clock,
  "X9 clocks of two workspaces are independent, and live ones go "
  "on meanwhile",
  "[system][test_clock]") {
  auto other = test_workspace(shared_server());
  publish(tested, patient);
  publish(other, patient);
  const auto key = fresh("soon_");
  publish(live, R"({"key":")" + key + R"(","status":"active",
    "trigger":{"any":[{"event":")"
                  + key + R"("}]},"entry":"rest","nodes":{
      "rest":{"type":"wait","for":"1s","then":"add"},
      "add":{"type":"update","score_add":1,"then":"done"},
      "done":{"type":"exit"}}})");
  const auto who = fresh("usr_");
  REQUIRE(live.emit(event_body(key, by_external_id(who))).status == 200);
  start(tested, by_external_id("usr_1"));
  start(other, by_external_id("usr_1"));
  const auto others = now_of(other);
  advance(tested, "7d");
  CHECK(contact_of(tested, "usr_1").number("/score") == 1);
  CHECK(now_of(other) == others);
  CHECK(contact_of(other, "usr_1").number("/score") == 0);
  CHECK(advance(other, "6d").number("/count") == 0);
  CHECK(advance(other, "1d").number("/count") == 1);
  CHECK(eventually([&] {
    return contact_of(live, who).number("/score") == 1;
  }));
}

TEST_CASE("X9 a test clock and what waits for it are there after a restart",
          "[system][test_clock]") {
  troupe_server server;
  const auto key = test_key(server);
  api_client api{server.port(), key};
  publish(api, patient);
  start(api, by_external_id("usr_1"));
  advance(api, "6d");
  const auto before = now_of(api);
  start(api, by_external_id("usr_2"));
  server.kill();
  server.start();
  api = api_client{server.port(), key};
  CHECK(now_of(api) == before);
  CHECK(contact_of(api, "usr_1").number("/score") == 0);
  CHECK(advance(api, "1d").number("/count") == 1);
  CHECK(contact_of(api, "usr_1").number("/score") == 1);
  CHECK(advance(api, "6d").number("/count") == 1);
  CHECK(contact_of(api, "usr_2").number("/score") == 1);
  CHECK(server.stop() == 0);
}

TEST_CASE_METHOD(test_clock,
                 "X9 G60 idempotency keys last a day of real time, however far "
                 "a test clock goes",
                 "[system][test_clock]") {
  const auto key = fresh("key_");
  const auto here = event_body("e", by_external_id(fresh("usr_")));
  const auto there = event_body("e", by_external_id("usr_1"));
  const auto in_live = live.emit(here, key);
  const auto in_test = tested.emit(there, key);
  for (int i = 0; i < 5; ++i) {
    advance(tested, "300d");
    CHECK(tested.emit(there, fresh("key_")).status == 200);
  }
  CHECK(live.emit(here, key).body == in_live.body);
  CHECK(tested.emit(there, key).body == in_test.body);
}

TEST_CASE_METHOD(test_clock,
                 "X9 a test delivery to an endpoint of a test workspace is not "
                 "made",
                 "[system][test_clock]") {
  webhook_sink sink;
  const auto made = subscribe(tested, sink.url(), "e");
  REQUIRE(made.status == 201);
  const auto tried
    = tested.post("/v1/webhooks/" + made.text("/id") + "/test", "");
  INFO(tried.body);
  CHECK(tried.status == 200);
  CHECK_FALSE(tried.at("/delivered").as_bool());
  CHECK(tried.text("/error") == "test_workspace");
  CHECK(sink.wait_for(1, 1s).empty());
}

TEST_CASE_METHOD(test_clock,
                 "X9 what is for an endpoint that is paused is kept when it "
                 "goes on, and holds no clock up",
                 "[system][test_clock]") {
  const auto made = subscribe(tested, "https://hooks.example.org/", "start");
  REQUIRE(made.status == 201);
  const auto turn = [&](const std::string& status) {
    return tested.send("PATCH", "/v1/webhooks/" + made.text("/id"),
                       R"({"status":")" + status + "\"}",
                       {{"Content-Type", "application/json"}});
  };
  publish(tested, patient);
  start(tested, by_external_id("usr_1"));
  CHECK(eventually([&] {
    return outbox(tested).size() == 1;
  }));
  REQUIRE(turn("paused").status == 200);
  start(tested, by_external_id("usr_2"));
  CHECK(advance(tested, "7d").number("/count") == 2);
  CHECK(outbox(tested).size() == 1);
  REQUIRE(turn("active").status == 200);
  CHECK(eventually([&] {
    return outbox(tested).size() == 2;
  }));
}

TEST_CASE_METHOD(test_clock,
                 "X9 what a busy contact sends to another one arrives while "
                 "the clock stands still",
                 "[system][test_clock]") {
  // A microsecond each: more of them than a millisecond has.
  constexpr int pokes = 1100;
  publish(tested, R"({"key":"poke","status":"active","reentry":"always",
    "trigger":{"any":[{"event":"poke"}]},"entry":"tell","nodes":{
      "tell":{"type":"emit","event":"poked",
              "contact":{"external_id":"friend"},"then":"done"},
      "done":{"type":"exit"}}})");
  publish(tested, R"({"key":"count","status":"active","reentry":"always",
    "trigger":{"any":[{"event":"poked"}]},"entry":"add","nodes":{
      "add":{"type":"update","score_add":1,"then":"done"},
      "done":{"type":"exit"}}})");
  const auto before = now_of(tested);
  for (int i = 0; i < pokes; ++i)
    REQUIRE(tested.emit(event_body("poke", by_external_id("busy"))).status
            == 200);
  CHECK(eventually(
    [&] {
      return contact_of(tested, "friend").number("/score") == pokes;
    },
    60s));
  CHECK(now_of(tested) - before < 1s);
}
