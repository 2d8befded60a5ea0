// U6: what was being decided when a process ended.
#include "actors/decision_guard.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <new>

namespace {

using troupe::actors::decision_guard;
using troupe::actors::decision_record;

constexpr auto release = "troupe 1.0.0";
constexpr std::uint64_t poison = 71;
constexpr std::uint64_t innocent = 35;

/// The process dies while it decides `name`.
void die_deciding(decision_record& kept, std::uint64_t name) {
  decision_guard guard{kept, release};
  // Nobody comes to undo the mark.
  alignas(
    decision_guard::mark) unsigned char place[sizeof(decision_guard::mark)];
  new (place) decision_guard::mark{guard, name};
}

/// As far as the history that it needs.
void ask(decision_guard& guard, std::uint64_t name) {
  const decision_guard::mark under_way{guard, name};
}

void decide(decision_guard& guard, std::uint64_t name) {
  ask(guard, name);
  guard.acquit(name);
}

} // namespace

TEST_CASE("U6 what was decided at three deaths is poison", "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  for (int i = 0; i < 2; ++i)
    die_deciding(*kept, poison);
  CHECK_FALSE(decision_guard{*kept, release}.is_poison(poison));
  die_deciding(*kept, poison);
  CHECK(decision_guard{*kept, release}.is_poison(poison));
  CHECK(decision_guard{*kept, release}.is_poison(
    poison)); // the next process knows, too
  CHECK_FALSE(decision_guard{*kept, release}.is_poison(innocent));
}

TEST_CASE("U6 what can be decided is no poison, whenever processes died",
          "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  for (int i = 0; i < 10; ++i) {
    die_deciding(*kept, innocent);
    decision_guard guard{*kept, release};
    CHECK_FALSE(guard.is_poison(innocent));
    decide(guard, innocent);
  }
}

TEST_CASE("U6 what asks for history first and dies with it is poison",
          "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  for (int i = 0; i < 3; ++i) {
    decision_guard guard{*kept, release};
    CHECK_FALSE(guard.is_poison(poison));
    ask(guard, poison);
    die_deciding(*kept, poison);
  }
  CHECK(decision_guard{*kept, release}.is_poison(poison));
}

TEST_CASE("U6 a death between decisions accuses nobody", "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  for (int i = 0; i < 5; ++i) {
    decision_guard guard{*kept, release};
    decide(guard, innocent);
    decide(guard, 0);
  }
  for (int i = 0; i < 5; ++i)
    die_deciding(*kept, 0);
  decision_guard guard{*kept, release};
  CHECK_FALSE(guard.is_poison(innocent));
  CHECK_FALSE(guard.is_poison(0));
  CHECK_FALSE(guard.is_poison(decision_guard::unnamed));
}

TEST_CASE("U6 poison is remembered however many others were under way",
          "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  for (int i = 0; i < 3; ++i)
    die_deciding(*kept, poison);
  for (std::uint64_t other = 1000; other < 1200; ++other)
    die_deciding(*kept, other);
  CHECK(decision_guard{*kept, release}.is_poison(poison));
}

TEST_CASE("U6 a decision is stuck that is the same at each look",
          "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  decision_guard guard{*kept, release};
  for (int i = 0; i < 10; ++i) {
    const decision_guard::mark under_way{guard, innocent};
    CHECK_FALSE(guard.is_stuck(3));
  }
  const decision_guard::mark under_way{guard, innocent};
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(guard.is_stuck(3));
  CHECK(guard.is_stuck(3));
}

TEST_CASE("U6 another release tries again", "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  for (int i = 0; i < 3; ++i)
    die_deciding(*kept, poison);
  CHECK_FALSE(decision_guard{*kept, "troupe 1.0.1"}.is_poison(poison));
  // The one before has forgotten it as well.
  CHECK_FALSE(decision_guard{*kept, release}.is_poison(poison));
}

TEST_CASE("U6 what ended another release accuses nobody", "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  for (int i = 0; i < 2; ++i)
    die_deciding(*kept, poison);
  die_deciding(*kept, poison);
  const decision_guard newer{*kept, "troupe 1.0.1"};
  CHECK(kept->suspects[0].name == 0);
}

TEST_CASE("U6 a decision that is over is not stuck while the file waits",
          "[actors][poison]") {
  const auto kept = std::make_unique<decision_record>();
  decision_guard guard{*kept, release};
  decide(guard, innocent);
  // As on a file system that is frozen: the slot was not cleared.
  for (auto& slot : kept->slots)
    slot.name = innocent;
  for (int i = 0; i < 10; ++i)
    CHECK_FALSE(guard.is_stuck(3));
}
