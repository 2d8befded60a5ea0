// T1: what the wall clock does while the machine goes on evenly.
#include "actors/trusted_clock.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace std::chrono_literals;
using troupe::actors::trusted_clock;
using troupe::engine::duration;
using troupe::engine::timestamp;

constexpr duration year = std::chrono::hours{24 * 365};

/// A machine whose wall clock is set now and then.
struct machine {
  trusted_clock clock;
  timestamp wall{std::chrono::hours{24 * 365 * 56}};
  duration running = 1h;

  timestamp look() {
    return clock.at(wall, running);
  }

  void pass(duration how_long) {
    wall += how_long;
    running += how_long;
    look();
  }
};

} // namespace

TEST_CASE("T1 a clock that goes evenly is the wall clock", "[actors][clock]") {
  machine it;
  CHECK(it.look() == it.wall);
  for (int i = 0; i < 100; ++i)
    it.pass(777ms);
  CHECK(it.look() == it.wall);
}

TEST_CASE("T1 a step that is taken back was none", "[actors][clock]") {
  for (const auto step :
       {duration{1s}, duration{-1s}, duration{1h}, duration{-1h}, duration{24h},
        duration{-24h}, 10 * year, -10 * year}) {
    machine it;
    const auto began = it.look();
    it.wall += step;
    CHECK(it.look() == began);
    it.pass(30s);
    CHECK(it.look() == began + 30s);
    it.pass(29s);
    CHECK(it.look() == began + 59s);
    it.wall -= step;
    CHECK(it.look() == it.wall);
    // The next one is doubted as long as the first.
    it.wall += step;
    CHECK(it.look() == began + 59s);
    it.pass(59s);
    CHECK(it.look() == began + 118s);
  }
}

TEST_CASE("T1 a step that stands is believed after a minute",
          "[actors][clock]") {
  for (const auto step : {10 * year, -10 * year, duration{1s}}) {
    machine it;
    it.look();
    it.wall += step;
    CHECK(it.look() == it.wall - step);
    it.pass(59s);
    CHECK(it.look() == it.wall - step);
    it.pass(1s);
    CHECK(it.look() == it.wall);
    it.pass(1h);
    CHECK(it.look() == it.wall);
  }
}

TEST_CASE("T1 another step begins another minute", "[actors][clock]") {
  machine it;
  it.look();
  it.wall += 1h;
  it.look();
  it.pass(40s);
  CHECK(it.look() == it.wall - 1h);
  it.wall += 1h;
  CHECK(it.look() == it.wall - 2h);
  it.pass(40s);
  CHECK(it.look() == it.wall - 2h);
  it.pass(20s);
  CHECK(it.look() == it.wall);
}

TEST_CASE("T1 what a time server adjusts is followed at once",
          "[actors][clock]") {
  machine it;
  it.look();
  for (int i = 0; i < 1000; ++i) {
    it.wall += 5ms; // five seconds in all
    it.pass(10s);
    CHECK(it.look() == it.wall);
  }
}
