// What the tests of webhook endpoints start from.
#pragma once

#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <set>

namespace troupe::test {

inline constexpr std::chrono::seconds patience{20};

/// Answers as it is told, while it is called.
struct steered_sink {
  explicit steered_sink(int first) : status{first} {}

  std::atomic<int> status;
  webhook_sink sink{[this](std::size_t) {
    return status.load();
  }};
};

/// @param more members of the endpoint: `"profile":"bearer"`
inline api_answer make_endpoint(api_client& api, const std::string& url,
                                const std::string& more,
                                const std::string& events = "order.*") {
  auto made = api.post("/v1/webhooks", R"({"url":")" + url + R"(","events":[")"
                                         + events + "\"]," + more + "}");
  INFO(made.body);
  REQUIRE(made.status == 201);
  return made;
}

inline api_answer change_endpoint(api_client& api, const std::string& id,
                                  const std::string& body) {
  return api.send("PATCH", "/v1/webhooks/" + id, body,
                  {{"Content-Type", "application/json"}});
}

/// A key of a new test workspace.
inline api_client test_workspace() {
  const auto made = shared_server().client().post(
    "/v1/workspaces", R"({"name":"clocked","kind":"test"})");
  REQUIRE(made.status == 201);
  return api_client{shared_server().port(), made.text("/key")};
}

/// Its test outbox, once that has one entry.
inline api_answer outbox_of_one(api_client& own) {
  api_answer kept;
  REQUIRE(eventually([&] {
    kept = own.get("/v1/test-outbox");
    return kept.at("/data").as_array().size() == 1;
  }));
  return kept;
}

/// Kills the server when its one delivery was refused, and starts it when the
/// next attempt is due, which is taken. The same must have come again.
inline std::vector<received_call> calls_across_kill(troupe_server& server,
                                                    steered_sink& to) {
  REQUIRE(to.sink.wait_for(1, patience).size() == 1);
  to.status = 200;
  server.kill();
  server.start(std::chrono::minutes{60});
  auto calls = to.sink.wait_for(2, patience);
  REQUIRE(calls.size() >= 2);
  CHECK(calls.back().body == calls.front().body);
  return calls;
}

class webhooks : protected with_server {
protected:
  std::string made(const std::string& url, const std::string& event) {
    const auto answer = subscribe(api, url, event);
    secret = answer.text("/signing_secret");
    return answer.text("/id");
  }

  api_answer change(const std::string& id, const std::string& body) {
    return change_endpoint(api, id, body);
  }

  api_answer shown(const std::string& id) {
    return api.get("/v1/webhooks/" + id);
  }

  api_answer emit() {
    auto answer = api.emit(event_body(type, by_external_id(fresh("usr_"))));
    REQUIRE(answer.status == 200);
    return answer;
  }

  std::string type = fresh("webhook.sent.");
  std::string secret;
};

inline std::set<std::string>
events_of(const std::vector<received_call>& calls) {
  std::set<std::string> ids;
  for (const auto& call : calls)
    ids.insert(std::string{call.json.at("id").as_string()});
  return ids;
}

} // namespace troupe::test
