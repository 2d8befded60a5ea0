// Deliveries in order per contact (R33, X7).
#include "tests/support/random_values.hpp"
#include "tests/system/tenant.hpp"
#include "tests/system/webhook_endpoints.hpp"

#include <algorithm>
#include <map>
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

// Answers 500 to the first call of some numbers.
class failing_once_sink {
public:
  explicit failing_once_sink(std::set<std::int64_t> which)
    : failing_(std::move(which)) {}

  int answer(std::size_t number) {
    const auto all = sink.wait_for(0, std::chrono::seconds{0});
    const auto n
      = all[number].json.at("data").at("metadata").at("n").as_int64();
    const std::lock_guard lock{mutex_};
    return failing_.erase(n) == 1 ? 500 : 200;
  }

private:
  std::mutex mutex_;
  std::set<std::int64_t> failing_;

public:
  webhook_sink sink{[this](std::size_t number) {
    return answer(number);
  }};
};

std::string hook(api_client& api, const std::string& url,
                 const std::string& more = R"("profile":"bearer")") {
  return make_endpoint(api, url, more).text("/id");
}

void order(api_client& api, const std::string& who, int n) {
  REQUIRE(api
            .emit(event_body("order.placed", by_external_id(who),
                             R"({"n":)" + std::to_string(n) + "}"))
            .status
          == 200);
}

using list = std::vector<std::int64_t>;

void change(api_client& api, const std::string& id, const std::string& wish) {
  REQUIRE(change_endpoint(api, id, wish).status == 200);
}

// How many deliveries of the endpoint are in this state.
std::size_t count_of(api_client& api, const std::string& id,
                     const std::string& status) {
  return api
    .get("/v1/webhooks/" + id + "/deliveries?limit=100&status=" + status)
    .at("/data")
    .as_array()
    .size();
}

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
    return count_of(own.api, id, "pending") == 5;
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
  CHECK(count_of(later, id, "failed") == 1);
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
  CHECK(change_endpoint(own.api, id, R"({"ordering":"none"})").text("/ordering")
        == "none");
  CHECK(eventually([&] {
    const auto now = numbers(ordered.calls(), "ada");
    return std::find(now.begin(), now.end(), 2) != now.end();
  }));
}

TEST_CASE("R33 what waited when an endpoint was paused goes in order when it "
          "is active again",
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
  constexpr int many = 130;  // more than a lane has room for
  constexpr int before = 20; // within the first wait of the schedule
  for (int n = 2; n <= before; ++n)
    order(own.api, "ada", n);
  change(own.api, id, R"({"status":"paused"})");
  to.refuse("ada", false);
  for (int n = before + 1; n <= many; ++n)
    order(own.api, "ada", n);
  order(own.api, "bob", 1);
  change(own.api, id, R"({"status":"active"})");
  REQUIRE(eventually(
    [&] {
      return numbers(to.calls(), "ada").back() == many
             && numbers(to.calls(), "bob") == list{1};
    },
    std::chrono::seconds{60}));
  auto seen = numbers(to.calls(), "ada");
  std::erase(seen, 1);
  list all;
  for (int n = 2; n <= many; ++n)
    all.push_back(n);
  CHECK(seen == all);
  CHECK(eventually([&] {
    return count_of(own.api, id, "pending") == 0;
  }));
}

TEST_CASE("X7 nothing stays behind when the order is changed while deliveries "
          "wait",
          "[system][ordering]") {
  const auto seed = test_seed();
  INFO("TROUPE_TEST_SEED=" << seed);
  dice random{seed};
  // Each delivery fails once at most: the second wait of the schedule is long.
  constexpr int many = 81;
  std::set<std::int64_t> failing;
  for (int n = 1; n < many; ++n)
    if (random.chance(20))
      failing.insert(n);
  failing_once_sink to{failing};
  auto admin = shared_server().client();
  tenant own{admin};
  const auto id = hook(own.api, to.sink.url());
  const auto who = [](std::uint64_t number) {
    return "c" + std::to_string(number);
  };
  constexpr std::uint64_t contacts = 8;
  std::map<std::string, std::set<std::int64_t>> told;
  int sent = 0;
  for (const auto* const next : {"none", "contact", "none", "contact"}) {
    for (int i = 0; i < 20; ++i) {
      const auto contact = who(random.below(contacts));
      order(own.api, contact, ++sent);
      told[contact].insert(sent);
    }
    change(own.api, id, R"({"ordering":")" + std::string{next} + R"("})");
  }
  order(own.api, who(0), ++sent);
  told[who(0)].insert(sent);
  REQUIRE(sent == many);
  CHECK(eventually(
    [&] {
      return count_of(own.api, id, "pending") == 0;
    },
    std::chrono::seconds{180}));
  const auto calls = to.sink.wait_for(0, std::chrono::seconds{0});
  for (const auto& [contact, all] : told) {
    const auto seen = numbers(calls, contact);
    CHECK(std::set<std::int64_t>(seen.begin(), seen.end()) == all);
  }
}
