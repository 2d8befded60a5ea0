#include "persistence/key_window.hpp"
#include "tests/support/events.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using engine::position;
using persistence::key_window;

TEST_CASE("a key window answers with the turn that used the key",
          "[key_window]") {
  key_window window;
  for (std::uint64_t i = 1; i <= 50'000; ++i)
    window.add(key(i), position{i}, noon + static_cast<int>(i) * 1s);
  CHECK(window.size() == 50'000);
  for (std::uint64_t i = 1; i <= 50'000; ++i)
    REQUIRE(window.find(key(i), noon + 14h) == position{i});
  for (std::uint64_t i = 50'001; i <= 60'000; ++i)
    REQUIRE_FALSE(window.find(key(i), noon + 14h));
}

TEST_CASE("keys that differ in one half only are two", "[key_window]") {
  key_window window;
  window.add({1, 5, 0}, position{1}, noon);
  window.add({2, 5, 0}, position{2}, noon);
  CHECK(window.find({1, 5, 9}, noon) == position{1});
  CHECK(window.find({2, 5, 9}, noon) == position{2});
  CHECK_FALSE(window.find({3, 5, 0}, noon));
  CHECK_FALSE(window.find({1, 6, 0}, noon));
}

TEST_CASE("a key that is taken back is free and its neighbours stay",
          "[key_window]") {
  key_window window;
  // All in one chain of probes.
  for (std::uint64_t i = 1; i <= 100; ++i)
    window.add({i, 77, 0}, position{i}, noon);
  for (std::uint64_t i = 1; i <= 100; i += 2)
    window.remove({i, 77, 0});
  for (std::uint64_t i = 1; i <= 100; ++i)
    CHECK(window.find({i, 77, 0}, noon).has_value() == (i % 2 == 0));
  window.add({1, 77, 0}, position{500}, noon);
  CHECK(window.find({1, 77, 0}, noon) == position{500});
  CHECK(window.size() == 51);
}

TEST_CASE("keys of failed commits do not fill the window", "[key_window]") {
  key_window window;
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    window.add(key(i), position{i}, noon);
    window.remove(key(i));
  }
  CHECK(window.size() == 0);
  window.add(key(1), position{1}, noon);
  CHECK(window.find(key(1), noon) == position{1});
}

TEST_CASE("old keys are forgotten though no new ones come", "[key_window]") {
  key_window window;
  for (std::uint64_t i = 1; i <= 1000; ++i)
    window.add(key(i), position{i}, noon);
  window.forget(noon + 24h);
  CHECK(window.find(key(1), noon + 24h) == position{1});
  window.forget(noon + 48h);
  CHECK(window.size() == 0);
}
