#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using reason = persistence::refused::reason;

namespace {

/// @returns whether the key was free at `now`, and uses it if so
bool use_key(opened_store& at, std::uint64_t contact_name,
             std::uint64_t key_name, engine::timestamp now) {
  auto one = contact(contact_name);
  one.see(event("e"), now).key = key(key_name);
  const auto outcome = at.commit({one.unit()}).front();
  if (const auto* why = std::get_if<refused>(&outcome)) {
    CHECK(why->why == reason::key_used);
    return false;
  }
  REQUIRE(std::holds_alternative<committed>(outcome));
  return true;
}

} // namespace

TEST_CASE("G60 a key answers for a day and is free afterwards", "[contract]") {
  opened_store at;
  // Any second of the day: the window does not depend on where midnight is.
  const auto used
    = noon
      + GENERATE(as<engine::duration>{}, 0h, 5h + 59s, 11h + 59min + 59s, 23h);
  const auto reopened = GENERATE(false, true);
  REQUIRE(use_key(at, 1, 1, used));
  if (reopened)
    at.reopen(used + 23h + 59min);
  CHECK_FALSE(use_key(at, 2, 1, used + 23h + 59min));
  if (reopened)
    at.reopen(used + 24h + 1min);
  CHECK(use_key(at, 3, 1, used + 24h + 1min));
  // The second use starts a day of its own.
  if (reopened)
    at.reopen(used + 48h);
  CHECK_FALSE(use_key(at, 4, 1, used + 48h));
}

TEST_CASE("many keys of several days are told apart", "[contract]") {
  opened_store at;
  auto a = contact(1);
  std::uint64_t name = 0;
  for (int hour = 0; hour < 72; hour += 2) {
    for (int i = 0; i < 60; ++i)
      a.see(event("e"), noon + hour * 1h).key = key(++name);
    at.save(a);
    REQUIRE(at.store().maintain(noon + hour * 1h) == false);
  }
  const auto now = noon + 70h;
  if (GENERATE(false, true))
    at.reopen(now);
  // Groups of 60 were used 2 hours apart; the last 13 are within the window.
  auto contacts = std::uint64_t{10};
  for (std::uint64_t group = 0; group < 36; ++group) {
    CAPTURE(group);
    CHECK(use_key(at, ++contacts, group * 60 + 1, now) == (group < 23));
    CHECK(use_key(at, ++contacts, group * 60 + 60, now) == (group < 23));
  }
}

TEST_CASE("R25 a kept key answers for as long as events are kept",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("e")).key = engine::idempotency{1, 2, 3, true};
  const auto holder = at.save(a);
  const auto later = noon + 1000 * 24h;
  while (at.store().maintain(later))
    ;
  if (GENERATE(false, true))
    at.reopen(later);
  auto b = contact(2);
  b.see(event("e"), later).key = engine::idempotency{1, 2, 4, true};
  const auto why = at.save_refused(b);
  CHECK(why.why == reason::key_used);
  CHECK(why.holder == holder);
  // It says nothing about keys that are not kept.
  b.forget_waiting();
  b.see(event("e"), later).key = engine::idempotency{1, 2, 4, false};
  at.save(b);
}

TEST_CASE("keys of a clock that was set back still answer", "[contract]") {
  opened_store at;
  REQUIRE(use_key(at, 1, 1, noon + 3h));
  CHECK_FALSE(use_key(at, 2, 1, noon));
}

TEST_CASE("upkeep takes away old keys and nothing else", "[contract]") {
  opened_store at;
  auto a = contact(1);
  for (std::uint64_t i = 1; i <= 5000; ++i) {
    auto& rows = a.see(event("e", "{}", {external("usr_1")}));
    rows.key = key(i);
    if (i == 1) {
      rows.timers_set.push_back({noon + 1h, 1, 1});
      rows.matched.push_back(engine::destination_id{5});
      rows.messages.push_back({{1, 2}, noon, here, a.id(), {}, "m", "{}", 1});
    }
    if (i % 100 == 0)
      at.save(a);
  }
  const auto later = noon + 400 * 24h;
  int calls = 0;
  while (at.store().maintain(later))
    REQUIRE(++calls < 100);
  at.reopen(later);
  CHECK(at.reader().load(a.id())->state.seq == 5000);
  CHECK(verify_replay(at.reader(), a.state()).equal());
  CHECK(at.timers().size() == 1);
  CHECK(at.inbox().size() == 1);
  CHECK(at.outbox(5).size() == 1);
  persistence::event_query all;
  all.workspace = here;
  all.limit = 10'000;
  CHECK(at.reader().events(all)->turns.size() == 5000);
}

TEST_CASE("upkeep leaves keys of the window", "[contract]") {
  opened_store at;
  REQUIRE(use_key(at, 1, 1, noon));
  while (at.store().maintain(noon + 23h + 59min))
    ;
  at.reopen(noon + 23h + 59min);
  CHECK_FALSE(use_key(at, 2, 1, noon + 23h + 59min));
}
