// SIGTERM while clients send: what was acknowledged is there afterwards, and
// what was not answered has not happened.
#include "tests/support/raw_client.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <thread>

using namespace troupe::test;

namespace {

constexpr int clients = 6;
constexpr int acknowledged_min = 10; // each, before the signal

/// One client that sends one event after the other until it is turned away.
struct sender {
  std::string contact;
  std::atomic<int> count{0};
  std::set<std::int64_t> acknowledged;
  std::set<std::int64_t> refused; // with 503 and Retry-After
  std::set<std::int64_t> unanswered;
  std::vector<std::string> strange;

  void run(const troupe_server& server) {
    std::int64_t next = 0;
    try {
      while (true) {
        // A connection that was closed before a request is opened again.
        troupe::support::raw_client over{server.port()};
        while (send_one(over, server.key(), next++)) {
        }
      }
    } catch (const std::runtime_error&) {
      // Nobody listens any more.
    }
  }

private:
  bool send_one(troupe::support::raw_client& over, const std::string& key,
                std::int64_t number) {
    const auto body
      = event_body("load.sent", by_external_id(contact),
                   R"({"number":)" + std::to_string(number) + "}");
    const auto sent
      = over.send("POST /v1/events HTTP/1.1\r\nHost: troupe\r\n"
                  "Authorization: Bearer "
                  + key
                  + "\r\nContent-Type: application/json\r\n"
                    "Content-Length: "
                  + std::to_string(body.size()) + "\r\n\r\n" + body);
    const auto answer = sent ? over.receive() : troupe::support::raw_answer{};
    if (answer.status == 200) {
      acknowledged.insert(number);
      ++count;
    } else if (answer.status == 503
               && answer.headers.count("retry-after") > 0) {
      refused.insert(number);
    } else if (answer.status == 0) {
      unanswered.insert(number);
    } else {
      strange.push_back(std::to_string(answer.status) + " " + answer.body);
    }
    const auto closes = answer.headers.find("connection");
    return answer.status != 0
           && (closes == answer.headers.end() || closes->second != "close");
  }
};

/// The numbers of the events that the contact has, each as often as stored.
std::multiset<std::int64_t> stored_of(api_client& api,
                                      const std::string& contact) {
  std::multiset<std::int64_t> all;
  std::string cursor;
  do {
    const auto page
      = api.get("/v1/events?contact[external_id]=" + contact + "&limit=100"
                + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      all.insert(each.at("metadata").at("number").to_number<std::int64_t>());
    cursor = page.at("/has_more").as_bool() ? page.text("/next_cursor") : "";
  } while (!cursor.empty());
  return all;
}

} // namespace

TEST_CASE("SIGTERM under load loses nothing that was acknowledged",
          "[system][stop]") {
  troupe_server server;
  std::array<sender, clients> senders;
  std::vector<std::thread> threads;
  for (auto& each : senders) {
    each.contact = fresh("usr_load_");
    threads.emplace_back([&each, &server] {
      each.run(server);
    });
  }
  const auto is_loaded = eventually([&] {
    return std::all_of(senders.begin(), senders.end(), [](const auto& each) {
      return each.count >= acknowledged_min;
    });
  });
  const auto code = server.stop();
  for (auto& each : threads)
    each.join();
  CHECK(is_loaded);
  CHECK(code == 0);

  server.start();
  auto api = server.client();
  for (const auto& each : senders) {
    const auto stored = stored_of(api, each.contact);
    for (const auto& said : each.strange)
      FAIL_CHECK(said);
    for (const auto number : each.acknowledged)
      CHECK(stored.count(number) == 1);
    for (const auto number : each.refused)
      CHECK(stored.count(number) == 0);
    for (const auto number : each.unanswered)
      CHECK(stored.count(number) == 0);
    CHECK(stored.size() == each.acknowledged.size());
  }
}
