// What is there after the server ended, gracefully or not.
#include "tests/support/tested_binary.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <mutex>
#include <thread>

using namespace troupe::test;

namespace {

const auto* const scored = R"({"key":"scored","status":"active",
  "reentry":"always","trigger":{"any":[{"event":"order.completed"}]},
  "entry":"add","nodes":{
    "add":{"type":"update","score_add":1,"tags_add":["buyer"],"then":"rest"},
    "rest":{"type":"wait","for":"1h","then":"done"},
    "done":{"type":"exit"}}})";

const auto* const timed = R"({"key":"timed","status":"active",
  "trigger":{"any":[{"event":"timer.started"}]},"entry":"rest","nodes":{
    "rest":{"type":"wait","for":"1s","then":"add"},
    "add":{"type":"update","score_add":1,"then":"after"},
    "after":{"type":"wait","for":"1h","then":"done"},
    "done":{"type":"exit"}}})";

// What a client can see of a contact and its events.
std::string picture(api_client& api, const std::string& who) {
  return contact_of(api, who).body + contact_of(api, who, "/runs").body
         + contact_of(api, who, "/timeline").body
         + api.get("/v1/events?contact[external_id]=" + who).body;
}

// How many of these events are not there.
std::ptrdiff_t missing(const troupe_server& server,
                       const std::vector<std::string>& ids) {
  auto api = server.client();
  return std::count_if(ids.begin(), ids.end(), [&](const std::string& id) {
    return api.get("/v1/events/" + id).status != 200;
  });
}

// Clients that emit until they get no answer.
class load {
public:
  load(std::uint16_t port, const std::string& key, int clients) {
    for (int i = 0; i < clients; ++i)
      threads_.emplace_back([this, port, key, i] {
        api_client api{port, key};
        const auto who = by_external_id("usr_" + std::to_string(i));
        for (int n = 0;; ++n) {
          const auto answer = api.emit(event_body("load.sent", who));
          if (answer.status != 200)
            return;
          const std::lock_guard lock{mutex_};
          acknowledged_.push_back(answer.text("/id"));
        }
      });
  }

  ~load() {
    finish();
  }

  load(const load&) = delete;
  load& operator=(const load&) = delete;

  std::size_t count() {
    const std::lock_guard lock{mutex_};
    return acknowledged_.size();
  }

  /// The ids of all acknowledged events, once no client runs any more.
  const std::vector<std::string>& finish() {
    for (auto& thread : threads_)
      if (thread.joinable())
        thread.join();
    return acknowledged_;
  }

private:
  std::mutex mutex_;
  std::vector<std::string> acknowledged_;
  std::vector<std::thread> threads_;
};

} // namespace

TEST_CASE("after kill -9 the event, its contact and its run are there as they "
          "were",
          "[system][restart]") {
  troupe_server server;
  auto api = server.client();
  publish(api, scored);
  const auto made = api.emit(
    event_body("order.completed",
               R"({"external_id":"usr_1","email":"ada@example.com"})",
               R"({"order_id":"ord_1"})"),
    "ord_1:completed");
  REQUIRE(made.status == 200);
  const auto before = picture(api, "usr_1");
  server.kill();
  server.start();
  api = server.client();
  CHECK(picture(api, "usr_1") == before);
  CHECK(event_of(api, made).text("/type") == "order.completed");
  CHECK(contact_of(api, "usr_1").number("/score") == 1);
  CHECK(contact_of(api, "usr_1", "/runs").text("/data/0/cause/event")
        == made.text("/id"));
}

TEST_CASE("G54 G63 a key is still known after kill -9, and so is its answer",
          "[system][restart]") {
  troupe_server server;
  auto api = server.client();
  publish(api, scored);
  const auto body = event_body("order.completed", by_external_id("usr_1"));
  const auto first = api.emit(body, "ord_1:completed");
  server.kill();
  server.start();
  api = server.client();
  const auto again = api.emit(body, "ord_1:completed");
  CHECK(again.header("idempotent-replay") == "true");
  CHECK(again.body == first.body);
  CHECK(contact_of(api, "usr_1").number("/score") == 1);
}

TEST_CASE("after SIGTERM the server ends with 0 and everything is there",
          "[system][restart]") {
  troupe_server server;
  auto api = server.client();
  publish(api, scored);
  api.emit(event_body("order.completed", by_external_id("usr_1")));
  const auto before = picture(api, "usr_1");
  CHECK(server.stop() == 0);
  server.start();
  api = server.client();
  CHECK(picture(api, "usr_1") == before);
  api.emit(event_body("order.completed", by_external_id("usr_1")));
  CHECK(contact_of(api, "usr_1").number("/score") == 2);
}

TEST_CASE("a timer that was due while the server was down fires once after "
          "the restart",
          "[system][restart]") {
  troupe_server server;
  auto api = server.client();
  publish(api, timed);
  for (int i = 0; i < 20; ++i)
    REQUIRE(api
              .emit(event_body("timer.started",
                               by_external_id("usr_" + std::to_string(i))))
              .status
            == 200);
  server.kill();
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  server.start();
  api = server.client();
  for (int i = 0; i < 20; ++i) {
    const auto who = "usr_" + std::to_string(i);
    REQUIRE(eventually([&] {
      return contact_of(api, who).number("/score") > 0;
    }));
    const auto runs = contact_of(api, who, "/runs");
    INFO(runs.body);
    CHECK(runs.text("/data/0/node") == "after");
    CHECK(contact_of(api, who).number("/score") == 1);
    CHECK(contact_of(api, who, "/timeline").at("/data").as_array().size() == 2);
  }
}

TEST_CASE("SIGTERM under load loses no acknowledged event and ends with 0",
          "[system][restart]") {
  troupe_server server;
  load clients{server.port(), server.key(), 16};
  REQUIRE(eventually([&] {
    return clients.count() > 500;
  }));
  CHECK(server.stop() == 0);
  const auto acknowledged = clients.finish();
  server.start();
  CHECK(missing(server, acknowledged) == 0);
}

TEST_CASE("SIGTERM while receivers hang ends with 0, and what was on its way "
          "arrives after the restart",
          "[system][restart]") {
  troupe_server server;
  std::uint16_t port = 0;
  {
    receiver hanging{[](connection& peer) {
      peer.read_request();
      peer.hang();
    }};
    port = hanging.port();
    auto api = server.client();
    for (int i = 0; i < 20; ++i)
      subscribe(api, hanging.url(), i == 0 ? "load.first" : "load.*");
    // More than the transport makes at once, so that some are not yet begun.
    REQUIRE(api.emit(event_body("load.first", by_external_id("usr_1"))).status
            == 200);
    load clients{server.port(), server.key(), 16};
    REQUIRE(eventually([&] {
      return clients.count() > 200 && hanging.connections() > 100;
    }));
    CHECK(server.stop() == 0);
  }
  webhook_sink sink{{}, port};
  server.start();
  CHECK(sink.wait_for(20, std::chrono::seconds{30}).size() >= 20);
}

TEST_CASE("kill -9 under load loses no acknowledged event",
          "[system][restart]") {
  troupe_server server;
  load clients{server.port(), server.key(), 16};
  REQUIRE(eventually([&] {
    return clients.count() > 500;
  }));
  server.kill();
  const auto acknowledged = clients.finish();
  server.start();
  CHECK(missing(server, acknowledged) == 0);
}

TEST_CASE("a second server over the same data refuses to start",
          "[system][restart]") {
  troupe_server server;
  const auto errors = server.directory() + "/second-stderr";
  std::vector<std::string> command{tested_binary(), "serve", "--listen",
                                   "127.0.0.1:0"};
  for (const auto& each : server.store_arguments())
    command.push_back(each);
  process second{command, errors};
  const auto code = second.wait(std::chrono::seconds{20});
  REQUIRE(code.has_value());
  CHECK(*code != 0);
  CHECK(server.client().get("/readyz").status == 200);
}
