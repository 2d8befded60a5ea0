// Test clocks: what happens when one is moved is what real time would bring.
#include "tests/support/actor_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

using namespace troupe;
using namespace std::chrono_literals;
using engine::workspace_kind;
using tests::actor_world;
using kind = messages::definition_change::kind;

namespace {

constexpr auto month = 30 * 24h;

// Waits of every kind, over both changes of the clock when it begins before
// them, and everything that goes out.
constexpr auto onboarding = R"({"key":"onboarding","status":"active",
  "entry":"hello","reentry":"never","trigger":{"any":[{"event":"start"}]},
  "nodes":{
    "hello":{"type":"send","channel":"capture","subject":"Hi","then":"pause"},
    "pause":{"type":"wait","for":"36h","then":"crm"},
    "crm":{"type":"http","url":"https://crm.example.org/x","then":"morning"},
    "morning":{"type":"wait","until":{"time":"02:30",
      "timezone":"Europe/Berlin"},"then":"tell"},
    "tell":{"type":"emit","event":"nudged","then":"order"},
    "order":{"type":"wait","any":[{"event":"order.completed","then":"done"}],
      "timeout":"10d","on_timeout":"monday"},
    "monday":{"type":"wait","until":{"weekdays":["mon"],"time":"02:30",
      "timezone":"Europe/Berlin"},"then":"bye"},
    "bye":{"type":"send","channel":"capture","subject":"Bye","then":"rest"},
    "rest":{"type":"wait","for":"12d","then":"done"},
    "done":{"type":"exit"}}})";

// Two runs that answer each other at the same instants.
constexpr auto echo = R"({"key":"echo","status":"active","entry":"count",
  "reentry":"always","trigger":{"any":[{"event":"nudged"}]},
  "nodes":{"count":{"type":"update","score_add":1,"then":"later"},
           "later":{"type":"wait","for":"10d","then":"end"},
           "end":{"type":"exit"}}})";

void begin(actor_world& world) {
  for (const auto* each : {onboarding, echo})
    REQUIRE_FALSE(world.define(kind::sequence, each).failure);
  const auto sent = world.send(world.event("start", "usr_1"));
  world.time.run();
  REQUIRE(sent.has_value());
  REQUIRE_FALSE(sent->failure);
}

/// What an http call of the sequence is answered with, at once.
void answer_calls(actor_world& world) {
  auto calls = std::move(world.calls);
  world.calls.clear();
  for (auto& each : calls) {
    messages::call_outcome taken;
    taken.status = 200;
    each.done(taken);
  }
  world.time.run();
}

/// A clock on the wall that stops at every instant something is due at.
void live_through(actor_world& world, engine::duration how_long) {
  const auto end = world.time.clock()() + how_long;
  const auto reader = std::move(*world.store->open_reader());
  for (int i = 0;; ++i) {
    REQUIRE(i < 1000);
    answer_calls(world);
    const auto timers = reader->timers(end, {}, 1);
    const auto messages = reader->inbox(end, {}, 1);
    REQUIRE(timers);
    REQUIRE(messages);
    if (timers->empty() && messages->empty())
      return;
    auto next = timers->empty() ? end : timers->front().what.due;
    if (!messages->empty())
      next = std::min(next, messages->front().due);
    world.time.advance(
      std::max(next - world.time.clock()(), engine::duration{}));
    world.time.advance(1ms); // the shortest the scheduler waits
  }
}

messages::test_clock_moved move(actor_world& world,
                                messages::test_clock_wish wish) {
  wish.workspace = world.workspace.id;
  const auto moved = world.time.ask<messages::test_clock_moved>(
    world.test_clocks, atom::change_atom::value, wish);
  world.time.run();
  REQUIRE(moved.has_value());
  return *moved;
}

messages::test_clock_moved wind(actor_world& world, engine::duration by) {
  messages::test_clock_wish wish;
  wish.by = by;
  return move(world, wish);
}

/// Kinds, nodes, edges and how long after the first turn: a line per turn.
std::string trace_of(actor_world& world) {
  const auto reader = std::move(*world.store->open_reader());
  const auto page = reader->turns(world.stored("usr_1").id, {}, 1000);
  REQUIRE(page);
  const auto began = page->turns.back().stamp.at;
  std::ostringstream out;
  for (auto turn = page->turns.rbegin(); turn != page->turns.rend(); ++turn) {
    // The scheduler is a few milliseconds late.
    const auto after
      = std::chrono::round<std::chrono::seconds>(turn->stamp.at - began);
    out << after.count() << " " << static_cast<int>(turn->kind) << " "
        << (turn->event ? turn->event->type : "") << " " << turn->sends.size();
    for (const auto& each : turn->changes)
      if (const auto* moved = std::get_if<engine::run_moved>(&each))
        out << " " << moved->number << ":" << moved->node << "(" << moved->edge
            << ")";
      else if (const auto* ended = std::get_if<engine::run_ended>(&each))
        out << " " << ended->number << ":" << ended->reason;
    out << "\n";
  }
  return out.str();
}

} // namespace

TEST_CASE("X9 moving a test clock brings the turns that real time would",
          "[actors][test_clock]") {
  // Noon, then days before summer time begins and ends in Europe.
  const auto days_ahead = GENERATE(0, 334, 182);
  CAPTURE(days_ahead);
  actor_world real;
  real.time.advance(days_ahead * 24h);
  begin(real);
  live_through(real, month);

  actor_world test{400, workspace_kind::test};
  test.time.advance(days_ahead * 24h);
  REQUIRE_FALSE(wind(test, days_ahead * 24h).failure);
  begin(test);
  const auto moved = wind(test, month);
  REQUIRE_FALSE(moved.failure);
  CHECK_FALSE(moved.has_more);
  const auto expected = trace_of(real);
  INFO(expected);
  CHECK(std::count(expected.begin(), expected.end(), '\n') >= 7);
  CHECK(trace_of(test) == expected);
  CHECK(test.calls.empty());
}

TEST_CASE("X9 days go by in one advance as in many", "[actors][test_clock]") {
  actor_world once{400, workspace_kind::test};
  begin(once);
  const auto all = wind(once, month);
  REQUIRE_FALSE(all.failure);
  actor_world daily{400, workspace_kind::test};
  begin(daily);
  std::size_t turns = 0;
  for (int day = 0; day < 30; ++day) {
    const auto some = wind(daily, 24h);
    REQUIRE_FALSE(some.failure);
    turns += some.turns.size();
  }
  CHECK(trace_of(daily) == trace_of(once));
  CHECK(turns == all.turns.size());
}

TEST_CASE("X9 a wait ends when the clock was moved by as long as it takes",
          "[actors][test_clock]") {
  actor_world world{400, workspace_kind::test};
  // Later turns of a contact at the same time are stamped a little later.
  for (int i = 0; i < 5; ++i)
    world.send(world.event("before", "usr_1"));
  world.time.run();
  begin(world);
  CHECK(wind(world, 36h - 1ms).turns.empty());
  CHECK(wind(world, 1ms).turns.size() == 1);
}

TEST_CASE("X9 a test workspace has its own time in all it stores",
          "[actors][test_clock]") {
  actor_world world{400, workspace_kind::test};
  const auto start = *world.workspace.test_now;
  REQUIRE_FALSE(wind(world, 400 * 24h).failure);
  begin(world);
  const auto reader = std::move(*world.store->open_reader());
  const auto later = start + 400 * 24h;
  CHECK(reader->sequences()->front().published_at == later);
  CHECK(world.events().front().stamp.at == later);
  CHECK(reader->workspaces()->front().test_now == later);
  // Real time goes on, and brings nothing.
  const auto before = trace_of(world);
  for (int day = 0; day < 40; ++day)
    world.time.advance(24h);
  CHECK(trace_of(world) == before);
  CHECK(world.events().size() == 1);
}

TEST_CASE("X9 a clock that cannot go back says so, and goes on when it stopped",
          "[actors][test_clock]") {
  actor_world world{400, workspace_kind::test};
  begin(world);
  const auto now = *world.workspace.test_now;
  messages::test_clock_wish back;
  back.to = now - 1ms;
  CHECK(move(world, back).failure->name == "clock_backwards");
  messages::test_clock_wish far;
  far.to = std::chrono::sys_days{std::chrono::year{2200} / 1 / 1};
  CHECK(move(world, far).failure->name == "field_invalid");
  // The store fails once: what was due is still due.
  world.store->fails = [](auto) {
    return true;
  };
  CHECK(wind(world, 36h).failure);
  world.store->fails = [](auto) {
    return false;
  };
  messages::test_clock_wish again;
  again.to = now + 36h;
  CHECK(move(world, again).turns.size() == 1);
}

TEST_CASE("X9 while a clock is moved another wish is refused",
          "[actors][test_clock]") {
  actor_world world{400, workspace_kind::test};
  begin(world);
  messages::test_clock_wish wish;
  wish.workspace = world.workspace.id;
  wish.by = 36h;
  const auto ask = [&] {
    return world.time.ask<messages::test_clock_moved>(
      world.test_clocks, atom::change_atom::value, wish);
  };
  const auto first = ask();
  const auto second = ask();
  world.time.run();
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->turns.size() == 1);
  REQUIRE(second->failure);
  CHECK(second->failure->name == "test_clock_moving");
  CHECK(wind(world, 1h).turns.empty());
}

TEST_CASE("X9 more than one answer holds is done by asking again",
          "[actors][test_clock]") {
  actor_world world{400, workspace_kind::test};
  REQUIRE_FALSE(world.define(kind::sequence, onboarding).failure);
  constexpr int contacts = 1100;
  for (int i = 0; i < contacts; ++i)
    world.send(world.event("start", "usr_" + std::to_string(i)));
  world.time.run();
  const auto first = wind(world, 37h);
  REQUIRE_FALSE(first.failure);
  CHECK(first.has_more);
  CHECK(first.turns.size() <= 1000);
  CHECK(first.now < first.target);
  auto turns = first.turns.size();
  messages::test_clock_wish again;
  again.to = first.target;
  for (auto has_more = true; has_more;) {
    const auto rest = move(world, again);
    REQUIRE_FALSE(rest.failure);
    turns += rest.turns.size();
    has_more = rest.has_more;
    REQUIRE((rest.turns.size() > 0 || !has_more));
  }
  CHECK(turns == contacts);
}
