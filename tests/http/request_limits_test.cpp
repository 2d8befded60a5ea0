// The rules of rate limits with a clock of our own.
#include "http/limits.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace troupe;
using namespace troupe::http;
using namespace std::chrono_literals;
using engine::rate_limits;
using engine::timestamp;
using engine::workspace_id;

namespace {

constexpr timestamp start{std::chrono::hours{24 * 365 * 50}};
constexpr workspace_id here{1};

rate_limits parsed(std::string_view text) {
  const auto limits
    = engine::parse_rate_limits(boost::json::parse(text), "/rate_limits");
  REQUIRE(limits);
  REQUIRE(*limits);
  return **limits;
}

std::string fault(std::string_view text) {
  const auto limits
    = engine::parse_rate_limits(boost::json::parse(text), "/rate_limits");
  REQUIRE_FALSE(limits);
  return limits.failure().pointer;
}

/// How many pass at once, and what refuses the next one.
std::pair<int, std::string> burst(request_limits& limits, const rate_limits& by,
                                  timestamp now, std::uint32_t key = 1,
                                  workspace_id workspace = here) {
  for (int passed = 0;; ++passed) {
    const auto verdict = limits.take(key, workspace, by, now);
    if (!verdict.refused_by.empty())
      return {passed, std::string{verdict.refused_by}};
  }
}

} // namespace

TEST_CASE("G76 genieos is 30 a second with a burst of 60 for each key",
          "[http][limits]") {
  const auto genieos = parsed(R"("genieos")");
  request_limits limits;
  CHECK(burst(limits, genieos, start)
        == std::pair{60, std::string{"key_rate_"
                                     "limit"}});
  // Another key of the workspace is not concerned.
  CHECK(burst(limits, genieos, start, 2).first == 60);
  CHECK(burst(limits, genieos, start + 1s).first == 30);
  CHECK(burst(limits, genieos, start + 10s).first == 60);
}

TEST_CASE("G76 genieos is 600 a minute for the keys of a workspace together",
          "[http][limits]") {
  const auto genieos = parsed(R"("genieos")");
  request_limits limits;
  int passed = 0;
  for (std::uint32_t key = 1; key <= 9; ++key)
    passed += burst(limits, genieos, start, key).first;
  CHECK(passed == 540);
  CHECK(burst(limits, genieos, start, 10)
        == std::pair{60, std::string{"workspace_rate_limit"}});
  const auto refused = limits.take(11, here, genieos, start + 10s);
  CHECK(refused.refused_by == "workspace_rate_limit");
  CHECK(refused.retry_after == 50s);
  CHECK(refused.scope == "workspace");
  CHECK(refused.remaining == 0);
  CHECK(refused.reset == start + 60s);
  CHECK(limits.take(11, here, genieos, start + 60s).refused_by.empty());
  CHECK(burst(limits, genieos, start, 1, workspace_id{2}).second
        == "key_rate_limit");
}

TEST_CASE("G76 what is told is the tighter rule, and when to come back",
          "[http][limits]") {
  const auto by = parsed(R"({"key": {"per_second": 2, "burst": 10},
                             "workspace": {"per_minute": 8}})");
  request_limits limits;
  auto told = limits.take(1, here, by, start);
  CHECK(told.scope == "workspace");
  CHECK(told.limit == 8);
  CHECK(told.remaining == 7);
  CHECK(told.reset == start + 1min);
  const auto bucket = parsed(R"({"key": {"per_second": 2, "burst": 3}})");
  for (int i = 0; i < 3; ++i)
    told = limits.take(7, here, bucket, start);
  CHECK(told.scope == "key");
  CHECK(told.limit == 3);
  CHECK(told.remaining == 0);
  CHECK(told.reset == start + 1500ms);
  told = limits.take(7, here, bucket, start + 100ms);
  CHECK(told.refused_by == "key_rate_limit");
  CHECK(told.retry_after == 400ms);
  CHECK(limits.take(7, here, bucket, start + 500ms).refused_by.empty());
}

TEST_CASE("R31 S20 the presets of the other dialects hold for the workspace",
          "[http][limits]") {
  struct row {
    const char* name;
    int most;
    engine::duration window;
  };
  for (const auto& [name, most, window] :
       {row{"redo", 100, 1s}, row{"sendmator_free", 100, 1h},
        row{"sendmator_starter", 1'000, 1h}, row{"sendmator_pro", 10'000, 1h},
        row{"growthos_starter", 600, 1min}, row{"growthos_growth", 3'000, 1min},
        row{"growthos_scale", 12'000, 1min}}) {
    INFO(name);
    const auto by = parsed("\"" + std::string{name} + "\"");
    request_limits limits;
    CHECK(burst(limits, by, start)
          == std::pair{most, std::string{"workspace_rate_limit"}});
    CHECK(limits.take(1, here, by, start + window).refused_by.empty());
  }
}

TEST_CASE("a request refused by one rule takes nothing of the other",
          "[http][limits]") {
  const auto by = parsed(R"({"key": {"per_minute": 1},
                             "workspace": {"per_minute": 3}})");
  request_limits limits;
  CHECK(burst(limits, by, start, 1).first == 1);
  for (int i = 0; i < 10; ++i)
    CHECK_FALSE(limits.take(1, here, by, start).refused_by.empty());
  CHECK(burst(limits, by, start, 2).first == 1);
  CHECK(burst(limits, by, start, 3).first == 1);
  CHECK(burst(limits, by, start, 4)
        == std::pair{0, std::string{"workspace_rate_limit"}});
}

TEST_CASE("a clock that is set back and rules that change lock nobody out",
          "[http][limits]") {
  const auto hourly = parsed(R"({"key": {"per_hour": 1}})");
  const auto bucket = parsed(R"({"key": {"per_second": 1, "burst": 2}})");
  request_limits limits;
  CHECK(burst(limits, hourly, start).first == 1);
  CHECK(limits.take(1, here, hourly, start - 2h).refused_by.empty());
  CHECK(burst(limits, bucket, start, 2).first == 2);
  const auto back = limits.take(2, here, bucket, start - 24h);
  CHECK(back.retry_after <= 1s);
  const auto minutely = parsed(R"({"key": {"per_minute": 1}})");
  CHECK(burst(limits, hourly, start + 48h, 3).first == 1);
  CHECK(limits.take(3, here, minutely, start + 48h).refused_by.empty());
}

TEST_CASE("whatever is asked when, no window and no bucket gives too much",
          "[http][limits]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  for (int run = 0; run < 50; ++run) {
    const auto rate = 1 + random() % 50;
    const auto most = 1 + random() % 100;
    const auto by = parsed(R"({"key": {"per_second": )" + std::to_string(rate)
                           + R"(, "burst": )" + std::to_string(most) + "}}");
    request_limits limits;
    auto now = start;
    std::uint64_t passed = 0;
    for (int i = 0; i < 500; ++i) {
      const auto told = limits.take(1, here, by, now);
      passed += told.refused_by.empty() ? 1U : 0U;
      // What is told is true: one more passes then.
      if (!told.refused_by.empty()) {
        CHECK(told.retry_after > 0s);
        auto copy = now + told.retry_after;
        now = copy;
        CHECK(limits.take(1, here, by, now).refused_by.empty());
        ++passed;
      }
      now += engine::duration{random() % 200'000};
    }
    const auto spent = static_cast<double>((now - start).count()) / 1e6;
    CHECK(static_cast<double>(passed)
          <= static_cast<double>(most) + spent * static_cast<double>(rate) + 1);
  }
}

TEST_CASE("meters that count nothing any more are forgotten",
          "[http][limits]") {
  const auto by = parsed(R"({"key": {"per_second": 1}})");
  request_limits limits;
  auto now = start;
  for (std::uint32_t key = 0; key < 20'000; ++key, now += 10ms)
    limits.take(key, here, by, now);
  CHECK(limits.size() <= 1024);
}

TEST_CASE("rate limits that cannot be are refused where they are wrong",
          "[http][limits]") {
  CHECK(fault(R"("fast")") == "/rate_limits");
  CHECK(fault("7") == "/rate_limits");
  CHECK(fault("{}") == "/rate_limits");
  CHECK(fault(R"({"keys": {}})") == "/rate_limits/keys");
  CHECK(fault(R"({"key": 5})") == "/rate_limits/key");
  CHECK(fault(R"({"key": {}})") == "/rate_limits/key");
  CHECK(fault(R"({"key": {"per_second": 1, "per_minute": 1}})")
        == "/rate_limits/key");
  CHECK(fault(R"({"key": {"per_minute": 1, "burst": 1}})")
        == "/rate_limits/key");
  CHECK(fault(R"({"key": {"per_day": 1}})") == "/rate_limits/key");
  CHECK(fault(R"({"key": {"per_second": 1.5}})")
        == "/rate_limits/key/per_second");
  CHECK(fault(R"({"workspace": {"per_hour": 1000001}})")
        == "/rate_limits/workspace/per_hour");
  CHECK(fault(R"({"concurrent_writes": 0})")
        == "/rate_limits/concurrent_writes");
  const auto none = engine::parse_rate_limits(boost::json::value("none"), "");
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
}

TEST_CASE("A4 ten failures a minute pass from one address, and no more",
          "[http][limits]") {
  failed_attempts failures;
  const address_text one{"192.0.2.1"};
  for (int i = 0; i < 10; ++i)
    CHECK(failures.note(one, start + std::chrono::seconds{i}) == 0s);
  CHECK(failures.note(one, start + 20s) == 40s);
  CHECK(failures.note(address_text{"192.0.2.2"}, start + 20s) == 0s);
  CHECK(failures.note(one, start + 60s) == 0s);
}

TEST_CASE("A4 an IPv6 network counts as one address, and tables stay small",
          "[http][limits]") {
  failed_attempts failures;
  for (int i = 0; i < 10; ++i)
    CHECK(failures.note(address_text{"2001:db8::" + std::to_string(i)}, start)
          == 0s);
  CHECK(failures.note(address_text{"2001:db8::ffff"}, start) == 1min);
  for (int i = 0; i < 20'000; ++i)
    failures.note(address_text{"10." + std::to_string(i / 65536) + "."
                               + std::to_string(i / 256 % 256) + "."
                               + std::to_string(i % 256)},
                  start);
  CHECK(failures.size() <= 4096);
}
