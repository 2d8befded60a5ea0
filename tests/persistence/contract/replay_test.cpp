// Law 1: what a contact is follows from its recorded turns alone (X3).
#include "tests/persistence/contract/contract.hpp"
#include "tests/support/same.hpp"
#include "tests/support/world.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <set>

using namespace troupe;
using namespace troupe::test;

namespace {

using timer_key = std::tuple<engine::contact_id, engine::timer>;

/// The timers in the store are those that live runs and segments wait for.
void check_timers(world& in) {
  std::set<timer_key> expected;
  for (const auto& [id, one] : in.contacts()) {
    if (in.is_gone(id))
      continue;
    for (const auto& live : *one.state().runs)
      if (live->wake_at)
        expected.emplace(
          id, engine::timer{*live->wake_at, live->number, live->visit});
    if (const auto& wake = one.state().segments->wake_at)
      expected.emplace(id, engine::timer{*wake, 0, engine::segment_timer});
    if (const auto& open = *one.state().session; !open.id.empty())
      expected.emplace(id, engine::timer{open.due, 0, engine::session_timer});
  }
  std::set<timer_key> held;
  const auto far = noon + std::chrono::hours{24 * 365 * 20};
  const auto stored = in.reader().timers(far, {}, 100'000);
  REQUIRE(stored);
  for (const auto& each : *stored)
    held.emplace(each.contact, each.what);
  CHECK(held == expected);
}

void check_contacts(world& in) {
  for (const auto& [id, one] : in.contacts()) {
    if (one.state().seq == 0)
      continue; // its first unit was refused
    const auto& live = one.state();
    const auto loaded = in.reader().load(id);
    REQUIRE(loaded);
    REQUIRE(difference(loaded->state, live) == "");
    REQUIRE(persistence::state_hash(loaded->state)
            == persistence::state_hash(live));
    const auto replayed = verify_replay(in.reader(), live);
    REQUIRE(replayed.turns == live.seq);
    REQUIRE(replayed.equal());
    const auto stored = all_turns(in.reader(), id, 64);
    for (std::size_t i = 0; i < stored.size(); ++i)
      REQUIRE(difference(stored[i], one.turns()[i]) == "");
  }
}

} // namespace

TEST_CASE("X3 recorded turns replay to the live state in random worlds",
          "[replay]") {
  const auto seed = test_seed();
  std::cout << "random worlds of seed " << seed << '\n';
  world_counts total;
  for (std::uint64_t round = 0; round < 4; ++round) {
    CAPTURE(seed, round);
    const auto maker = make_store_maker();
    world in{seed + round, [&] {
               auto made = maker->open(noon);
               REQUIRE(made);
               return std::move(*made);
             }};
    for (int step = 0; step < 20; ++step) {
      in.step(40);
      if (step % 7 == 6) {
        in.restart();
        check_contacts(in);
        check_timers(in);
      }
    }
    check_contacts(in);
    check_timers(in);
    const auto& made = in.counts();
    total.events += made.events;
    total.timers += made.timers;
    total.messages += made.messages;
    total.parked += made.parked;
    total.histories += made.histories;
    total.refused += made.refused;
    total.runs += made.runs;
    total.merges += made.merges;
    total.sessions += made.sessions;
    total.checklists += made.checklists;
  }
  // The worlds have some of everything.
  CHECK(total.events == 3200);
  CHECK(total.timers > 50);
  CHECK(total.parked > 10);
  CHECK(total.runs > 300);
  CHECK(total.merges > 2);
  CHECK(total.sessions > 20);
  CHECK(total.checklists > 0);
  std::cout << total.events << " events, " << total.timers << " timers, "
            << total.messages << " messages, " << total.parked << " parked, "
            << total.histories << " histories, " << total.refused
            << " refused, " << total.runs << " runs, " << total.merges
            << " merges\n";
}

TEST_CASE("a turn that is changed in the record is noticed by its replay",
          "[replay]") {
  const auto maker = make_store_maker();
  world in{1, [&] {
             return std::move(*maker->open(noon));
           }};
  for (int step = 0; step < 5; ++step)
    in.step(50);
  const auto& one
    = std::max_element(in.contacts().begin(), in.contacts().end(),
                       [](const auto& a, const auto& b) {
                         return a.second.state().seq < b.second.state().seq;
                       })
        ->second;
  auto turns = all_turns(in.reader(), one.id());
  CHECK(persistence::state_hash(replay(turns))
        == persistence::state_hash(one.state()));
  turns.back().changes.push_back(engine::score_added{1});
  CHECK(persistence::state_hash(replay(turns))
        != persistence::state_hash(one.state()));
}
