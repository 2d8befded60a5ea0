// SIGTERM while everything is asked of a server at once: it ends as it should.
#include "tests/support/random_values.hpp"
#include "tests/support/receiver.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

using namespace troupe::test;

namespace {

constexpr int rounds = 20;
constexpr std::uint64_t contacts = 100;

/// Clients that ask, each of a kind of thing, until nobody listens any more.
class crowd {
public:
  crowd(const troupe_server& server, const std::string& sink_url,
        std::uint64_t seed)
    : server_{server}, sink_url_{sink_url} {
    for (const auto ask :
         {&crowd::send_events, &crowd::send_events, &crowd::send_people,
          &crowd::change_definitions, &crowd::change_webhooks,
          &crowd::intervene, &crowd::list, &crowd::list})
      threads_.emplace_back([this, ask, from = dice{++seed}]() mutable {
        go_on(ask, from);
      });
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

  ~crowd() {
    is_over_ = true;
    join();
  }

  /// From now on they end when they are not answered.
  void expect_end() {
    is_ending_ = true;
  }

  void join() {
    for (auto& each : threads_)
      if (each.joinable())
        each.join();
  }

  [[nodiscard]] int answered() const {
    return answered_;
  }

  /// Answers that no stop explains.
  [[nodiscard]] const std::set<std::string>& strange() const {
    return strange_;
  }

private:
  using asks = api_answer (crowd::*)(api_client&, dice&);

  void go_on(asks ask, dice& from) {
    auto api = server_.client();
    try {
      while (!is_over_) {
        const auto answer = (this->*ask)(api, from);
        if (answer.status == 0 && is_ending_)
          return;
        ++answered_;
        if (answer.status == 0 || answer.status == 500 || answer.status == 502)
          note(std::to_string(answer.status) + " " + answer.body);
      }
    } catch (const std::runtime_error& failure) {
      note(failure.what());
    }
  }

  void note(const std::string& what) {
    const std::lock_guard lock{mutex_};
    strange_.insert(what);
  }

  static std::string who(dice& from) {
    return "p" + std::to_string(from.below(contacts));
  }

  api_answer send_events(api_client& api, dice& from) {
    return api.emit(
      event_body("load.sent", by_external_id(who(from)),
                 R"({"n":)" + std::to_string(from.below(9)) + "}"));
  }

  // People that become one.
  api_answer send_people(api_client& api, dice& from) {
    const auto name = who(from);
    const auto email = R"("email":")" + name + "@example.com\"}";
    return api.emit(event_body("load.seen", from.chance(50)
                                              ? "{" + email
                                              : R"({"external_id":")" + name
                                                  + "\"," + email));
  }

  api_answer change_definitions(api_client& api, dice& from) {
    const auto key = "k" + std::to_string(from.below(5));
    if (from.chance(50))
      return api.post("/v1/sequences",
                      sequence_on(key, "load.sent",
                                  R"("s":{"type":"wait","for":"1s","then":"u"},
                                     "u":{"type":"update","score_add":1,
                                          "then":"x"})"));
    return api.post("/v1/segments", R"({"key":")" + key
                                      + R"(","condition":{">=":[
                       {"event_count":{"event":"load.sent"}},)"
                                      + std::to_string(from.below(5)) + "]}}");
  }

  api_answer change_webhooks(api_client& api, dice& from) {
    auto list = api.get("/v1/webhooks?limit=20");
    if (list.status != 200)
      return list;
    const auto& all = list.at("/data").as_array();
    if (all.size() < 5)
      return api.post("/v1/webhooks",
                      R"({"url":")" + sink_url_
                        + R"(","events":["load.*"],"ordering":"contact"})");
    const auto target
      = "/v1/webhooks/"
        + std::string{all[from.below(all.size())].at("id").as_string()};
    if (from.chance(20))
      return api.send("DELETE", target, "", {});
    return api.send("PATCH", target,
                    from.chance(50) ? R"({"ordering":"none"})"
                                    : R"({"ordering":"contact"})",
                    {{"Content-Type", "application/json"}});
  }

  // Runs are begun and held, deliveries made again, endpoints tried out.
  api_answer intervene(api_client& api, dice& from) {
    auto hooks = api.get("/v1/webhooks?limit=20");
    if (hooks.has("/data/0/id")) {
      const auto hook = "/v1/webhooks/" + hooks.text("/data/0/id");
      const auto made = api.get(hook + "/deliveries?limit=1");
      if (made.has("/data/0/id"))
        api.post("/v1/deliveries/" + made.text("/data/0/id") + "/replay", "");
    }
    const auto begun
      = api.post("/v1/sequences/k0/enrol",
                 R"({"contact":"external_id:)" + who(from) + "\"}");
    return begun.has("/id")
             ? api.post("/v1/runs/" + begun.text("/id")
                          + (from.chance(50) ? "/pause" : "/skip"),
                        "")
             : begun;
  }

  api_answer list(api_client& api, dice& from) {
    const std::vector<std::string> paths{"/v1/events?limit=50",
                                         "/v1/contacts?limit=50",
                                         "/v1/contacts/external_id:" + who(from)
                                           + "/timeline",
                                         "/v1/segments",
                                         "/v1/sequences",
                                         "/v1/event-types/load.sent/stats"};
    return api.get(from.of(paths));
  }

  const troupe_server& server_;
  std::string sink_url_;
  std::atomic<int> answered_{0};
  std::atomic<bool> is_ending_{false};
  std::atomic<bool> is_over_{false};
  std::mutex mutex_;
  std::set<std::string> strange_;
  std::vector<std::thread> threads_;
};

// What one event makes Troupe do goes on when nobody asks any more.
std::string echo(const std::string& key, const std::string& trigger,
                 const std::string& to) {
  return sequence_on(key, trigger,
                     R"("s":{"type":"emit","event":"load.echo","then":"x",
                        "contact":{"external_id":")"
                       + to + "\"}}");
}

} // namespace

TEST_CASE("SIGTERM while everything is under way ends with 0",
          "[system][stop_load]") {
  const auto seed = test_seed();
  INFO("TROUPE_TEST_SEED=" << seed);
  dice from{seed};
  // Every third call waits until its server is gone.
  std::atomic<unsigned> calls{0};
  receiver sink{[&](connection& peer) {
    while (!peer.read_request().empty()) {
      if (++calls % 3 == 0)
        return peer.hang();
      if (!peer.write(response(calls % 3 == 1 ? 200 : 500)))
        return;
    }
  }};
  troupe_server server;
  {
    auto api = server.client();
    publish(api, echo("first", "load.sent", "p1"));
    publish(api, echo("second", "load.echo", "p2"));
  }
  for (int round = 0; round < rounds; ++round) {
    const auto enough = static_cast<int>(20 + from.below(400));
    INFO("round " << round << ", " << enough << " answers");
    crowd clients{server, sink.url(), from.number()};
    CHECK(eventually([&] {
      return clients.answered() >= enough;
    }));
    clients.expect_end();
    const auto code = server.stop();
    clients.join();
    REQUIRE(code == 0);
    CHECK(clients.strange() == std::set<std::string>{});
    if (round + 1 < rounds)
      server.start();
  }
}
