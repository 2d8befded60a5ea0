// Deliveries in order per contact (R33, X7).
#include "tests/support/webhook_sink.hpp"
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <mutex>
#include <set>

using namespace troupe::test;

namespace json = boost::json;

namespace {

// Numbers of what arrived of a contact, in order.
std::vector<std::int64_t> numbers(const std::vector<received_call>& calls,
                                  const std::string& contact) {
  std::vector<std::int64_t> out;
  for (const auto& call : calls) {
    const auto& data = call.json.at("data");
    if (data.at("contact").at("external_id") == json::value(contact))
      out.push_back(data.at("metadata").at("n").as_int64());
  }
  return out;
}

// Answers 500 to what is about a contact as long as it is told to.
class choosy_sink {
public:
  void refuse(const std::string& contact, bool does) {
    const std::lock_guard lock{mutex_};
    if (does)
      refused_.insert(contact);
    else
      refused_.erase(contact);
  }

  std::vector<received_call> calls() {
    return sink.wait_for(0, std::chrono::seconds{0});
  }

  int answer(std::size_t number) {
    const auto all = calls();
    const std::string about{
      all[number].json.at("data").at("contact").at("external_id").as_string()};
    const std::lock_guard lock{mutex_};
    return refused_.contains(about) ? 500 : 200;
  }

private:
  std::mutex mutex_;
  std::set<std::string> refused_;

public:
  webhook_sink sink{[this](std::size_t number) {
    return answer(number);
  }};
};

std::string hook(api_client& api, const std::string& url,
                 const std::string& more = R"("profile":"bearer")") {
  const auto made
    = api.post("/v1/webhooks",
               R"({"url":")" + url + R"(","events":["order.*"],)" + more + "}");
  REQUIRE(made.status == 201);
  return made.text("/id");
}

void order(api_client& api, const std::string& who, int n) {
  REQUIRE(api
            .emit(event_body("order.placed", by_external_id(who),
                             R"({"n":)" + std::to_string(n) + "}"))
            .status
          == 200);
}

using list = std::vector<std::int64_t>;

} // namespace

TEST_CASE("R33 while a delivery of a contact is being retried, later ones of "
          "it wait and those of others do not",
          "[system][ordering]") {
  auto admin = shared_server().client();
  tenant own{admin};
  choosy_sink to;
  to.refuse("ada", true);
  const auto id = hook(own.api, to.sink.url());
  order(own.api, "ada", 1);
  REQUIRE(eventually([&] {
    return numbers(to.calls(), "ada").size() == 1;
  }));
  for (int n = 2; n <= 5; ++n) {
    order(own.api, "ada", n);
    order(own.api, "bob", n);
  }
  REQUIRE(eventually([&] {
    return numbers(to.calls(), "bob").size() == 4;
  }));
  CHECK(numbers(to.calls(), "bob") == list{2, 3, 4, 5});
  for (const auto n : numbers(to.calls(), "ada"))
    CHECK(n == 1); // again and again, perhaps
  CHECK(eventually([&] {
    return own.api.get("/v1/webhooks/" + id + "/deliveries?status=pending")
             .at("/data")
             .as_array()
             .size()
           == 5;
  }));
  to.refuse("ada", false);
  REQUIRE(eventually(
    [&] {
      return numbers(to.calls(), "ada").back() == 5;
    },
    std::chrono::seconds{60}));
  auto seen = numbers(to.calls(), "ada");
  CHECK(std::count(seen.begin(), seen.end(), 1) >= 2);
  std::erase(seen, 1);
  CHECK(seen == list{2, 3, 4, 5});
}

TEST_CASE("R33 the order of a contact outlives kill -9; when the schedule is "
          "over the next one goes",
          "[system][ordering]") {
  choosy_sink to;
  to.refuse("ada", true);
  troupe_server server;
  auto api = server.client();
  const auto id = hook(api, to.sink.url());
  order(api, "ada", 1);
  const auto attempts = [&](api_client& by) {
    const auto one = by.get("/v1/webhooks/" + id + "/deliveries?limit=100");
    const auto& all = one.at("/data").as_array();
    return all.back().at("attempts").as_array().size();
  };
  REQUIRE(eventually([&] {
    return attempts(api) == 1;
  }));
  order(api, "ada", 2);
  order(api, "bob", 1);
  REQUIRE(eventually([&] {
    return numbers(to.calls(), "bob").size() == 1;
  }));
  // Each start is later than the next wait of the schedule.
  std::size_t made = 1;
  for (const auto minutes : {1, 3, 7, 30, 120, 600, 2400}) {
    server.kill();
    server.start(std::chrono::minutes{minutes});
    auto later = server.client();
    ++made;
    REQUIRE(eventually([&] {
      return attempts(later) == made;
    }));
  }
  REQUIRE(eventually([&] {
    return numbers(to.calls(), "ada").back() == 2;
  }));
  auto later = server.client();
  CHECK(later.get("/v1/webhooks/" + id + "/deliveries?status=failed")
          .at("/data")
          .as_array()
          .size()
        == 1);
  const auto seen = numbers(to.calls(), "ada");
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(std::count(seen.begin(), seen.end(), 1) >= 8);
}

TEST_CASE("X7 other profiles are not ordered unless they are told to",
          "[system][ordering]") {
  auto admin = shared_server().client();
  tenant own{admin};
  choosy_sink free;
  choosy_sink ordered;
  free.refuse("ada", true);
  ordered.refuse("ada", true);
  hook(own.api, free.sink.url(), R"("profile":"standard")");
  const auto id = hook(own.api, ordered.sink.url(), R"("ordering":"contact")");
  order(own.api, "ada", 1);
  REQUIRE(eventually([&] {
    return numbers(free.calls(), "ada").size() == 1
           && numbers(ordered.calls(), "ada").size() == 1;
  }));
  order(own.api, "ada", 2);
  order(own.api, "bob", 1);
  REQUIRE(eventually([&] {
    return numbers(ordered.calls(), "bob").size() == 1;
  }));
  REQUIRE(eventually([&] {
    const auto seen = numbers(free.calls(), "ada");
    return std::find(seen.begin(), seen.end(), 2) != seen.end();
  }));
  const auto seen = numbers(ordered.calls(), "ada");
  CHECK(std::count(seen.begin(), seen.end(), 2) == 0);
  // What waited goes when the endpoint is ordered no more.
  CHECK(own.api
          .send("PATCH", "/v1/webhooks/" + id, R"({"ordering":"none"})",
                {{"Content-Type", "application/json"}})
          .text("/ordering")
        == "none");
  CHECK(eventually([&] {
    const auto now = numbers(ordered.calls(), "ada");
    return std::find(now.begin(), now.end(), 2) != now.end();
  }));
}
