// Runs that wait for the answer to their `http` node, over real sockets.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

std::string calling(const std::string& key, const std::string& type,
                    const std::string& url, const std::string& more) {
  return R"({"key":")" + key + R"(","status":"active","entry":"c",
    "trigger":{"any":[{"event":")"
         + type + R"("}]},"nodes":{"c":{"type":"http","url":")" + url
         + R"(","await":true,)" + more + R"("then":"good"},
      "good":{"type":"update","tags_add":["good"],"then":"x"},
      "bad":{"type":"update","tags_add":["bad"],"then":"x"},
      "x":{"type":"exit"}}})";
}

/// The contact's only run, once it has ended.
api_answer ended_run(api_client& api, const std::string& who) {
  api_answer runs;
  REQUIRE(eventually([&] {
    runs = contact_of(api, who, "/runs");
    return runs.has("/data/0/ended_at");
  }));
  return runs;
}

} // namespace

TEST_CASE_METHOD(with_server,
                 "an `http` node that awaits goes on when its call is answered",
                 "[system][http_node]") {
  const int status = GENERATE(200, 404);
  webhook_sink sink{[status](std::size_t) {
    return status;
  }};
  const auto type = fresh("call.go.");
  publish(api,
          calling(fresh("call_"), type, sink.url(), R"("on_failure":"bad",)"));
  const auto who = fresh("usr_");
  REQUIRE(api.emit(event_body(type, by_external_id(who))).status == 200);
  const auto runs = ended_run(api, who);
  INFO(runs.body);
  CHECK(runs.text("/data/0/status") == "completed");
  CHECK(runs.text("/data/0/history/1/node")
        == (status == 200 ? "good" : "bad"));
  CHECK(runs.text("/data/0/history/1/edge")
        == (status == 200 ? "answered" : "call_failed"));
  const auto told
    = api.get("/v1/events/" + runs.text("/data/0/history/1/cause/event"));
  INFO(told.body);
  CHECK(told.text("/type") == "$http_answered");
  CHECK(told.number("/metadata/status_code") == status);
  CHECK(sink.wait_for(1, std::chrono::seconds{1}).size() == 1);
}

TEST_CASE_METHOD(with_server,
                 "an awaited call without a way for failures fails its run",
                 "[system][http_node]") {
  webhook_sink sink{[](std::size_t) {
    return 422;
  }};
  const auto type = fresh("call.go.");
  publish(api, calling(fresh("call_"), type, sink.url(), ""));
  const auto who = fresh("usr_");
  REQUIRE(api.emit(event_body(type, by_external_id(who))).status == 200);
  const auto runs = ended_run(api, who);
  CHECK(runs.text("/data/0/status") == "failed");
  CHECK(runs.text("/data/0/reason") == "call_failed");
}

TEST_CASE_METHOD(with_server,
                 "an awaited call that is not answered in time takes the way "
                 "of a failure",
                 "[system][http_node]") {
  receiver silent{[](connection& peer) {
    peer.hang();
  }};
  const auto type = fresh("call.go.");
  publish(api, calling(fresh("call_"), type, silent.url(),
                       R"("timeout":"1s","on_failure":"bad",)"));
  const auto who = fresh("usr_");
  REQUIRE(api.emit(event_body(type, by_external_id(who))).status == 200);
  const auto runs = ended_run(api, who);
  CHECK(runs.text("/data/0/history/1/edge") == "timeout");
}

TEST_CASE_METHOD(with_server,
                 "a workspace says in which zone contacts without one are",
                 "[system][http_node]") {
  tenant own{api};
  const auto set = [&](const std::string& zone) {
    return own.api.send("PATCH", "/v1/workspaces/" + own.id(),
                        R"({"timezone":")" + zone + "\"}",
                        {{"Content-Type", "application/json"}});
  };
  CHECK(own.api.get("/v1/workspaces/" + own.id()).text("/timezone") == "UTC");
  const auto refused = set("Europe/Lundon");
  CHECK(refused.status == 422);
  CHECK(refused.code() == "unknown_timezone");
  CHECK(refused.text("/errors/0/pointer") == "/timezone");
  CHECK(refused.body.find("Europe/London") != refused.body.npos);
  REQUIRE(set("Asia/Tokyo").status == 200);
  publish(own.api,
          R"({"key":"morning","status":"active","entry":"w",
    "trigger":{"any":[{"event":"go"}]},"nodes":{
      "w":{"type":"wait","until":{"time":"09:00"},"then":"x"},
      "x":{"type":"exit"}}})");
  const auto due_of = [&](const std::string& who, const std::string& traits) {
    REQUIRE(own.api
              .emit(R"({"name":"go","userId":")" + who + R"(","traits":)"
                    + traits + "}")
              .status
            == 200);
    return contact_of(own.api, who, "/runs").text("/data/0/wake_at");
  };
  CHECK(due_of("without", "{}").find("T00:00:00") != std::string::npos);
  CHECK(due_of("in_utc", R"({"timezone":"UTC"})").find("T09:00:00")
        != std::string::npos);
}
