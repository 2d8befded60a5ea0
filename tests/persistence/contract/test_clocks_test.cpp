// What is due in test workspaces, whose clocks are their own.
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::workspace_kind;

namespace {

engine::workspace_id make_workspace(opened_store& at, const std::string& name,
                                    workspace_kind kind) {
  persistence::workspace_row row;
  row.text_id = "ws_" + name;
  row.name = name;
  row.kind = kind;
  row.created_at = noon;
  if (kind == workspace_kind::test)
    row.test_now = noon;
  return at.store().put(row)->id;
}

persistence::inbox_row message_to(const driven_contact& one, std::uint64_t id,
                                  engine::timestamp due,
                                  engine::workspace_id workspace) {
  return {{id, 1}, due, workspace, one.id(), {}, "m", "{}", 1};
}

/// A contact with a timer and a message an hour from now.
void fill(opened_store& at, std::uint64_t name,
          engine::workspace_id workspace) {
  auto one = contact(name, workspace);
  auto& rows = one.see(event("e"));
  rows.timers_set.push_back({noon + 1h, 1, 1});
  rows.messages.push_back(message_to(one, name, noon + 1h, workspace));
  at.save(one);
}

} // namespace

TEST_CASE("X9 what is due in test workspaces is listed for each by itself",
          "[contract]") {
  opened_store at;
  const auto live = make_workspace(at, "live", workspace_kind::live);
  const auto first = make_workspace(at, "first", workspace_kind::test);
  const auto second = make_workspace(at, "second", workspace_kind::test);
  fill(at, 1, live);
  fill(at, 2, first);
  fill(at, 3, second);
  if (GENERATE(false, true))
    at.reopen();
  const auto timers = at.timers();
  REQUIRE(timers.size() == 1);
  CHECK(timers.front().workspace == live);
  const auto messages = at.inbox();
  REQUIRE(messages.size() == 1);
  CHECK(messages.front().workspace == live);
  for (const auto each : {first, second}) {
    CHECK(at.reader().test_timers(each, noon + 59min, 10)->empty());
    CHECK(at.reader().test_inbox(each, noon + 59min, 10)->empty());
    const auto due = at.reader().test_timers(each, noon + 1h, 10);
    REQUIRE(due);
    REQUIRE(due->size() == 1);
    CHECK(due->front().workspace == each);
    CHECK(due->front().what == engine::timer{noon + 1h, 1, 1});
    const auto told = at.reader().test_inbox(each, noon + 1h, 10);
    REQUIRE(told);
    REQUIRE(told->size() == 1);
    CHECK(told->front().workspace == each);
    CHECK(told->front().due == noon + 1h);
  }
  CHECK(at.reader().test_timers(live, noon + 1h, 10)->empty());
}

TEST_CASE("X9 timers and messages of a test workspace go with their turns",
          "[contract]") {
  opened_store at;
  const auto here_test = make_workspace(at, "test", workspace_kind::test);
  auto one = contact(1, here_test);
  auto& rows = one.see(event("e"));
  rows.timers_set = {{noon + 1h, 1, 1}, {noon + 2h, 2, 1}};
  rows.messages.push_back(message_to(one, 1, noon, here_test));
  at.save(one);
  one.add(decided(one.ahead(), engine::timer_input{{noon + 1h, 1, 1}},
                  engine::definitions{0}, noon + 1h));
  at.save(one);
  auto& taken = one.see(event("m"));
  taken.consumed = engine::inbox_id{1, 1};
  taken.consumed_due = noon;
  taken.timers_cleared = {{noon + 2h, 2, 1}};
  at.save(one);
  CHECK(at.reader().test_timers(here_test, noon + 3h, 10)->empty());
  CHECK(at.reader().test_inbox(here_test, noon + 3h, 10)->empty());
  one.add(decided(one.ahead(), engine::timer_input{{noon + 1h, 1, 1}},
                  engine::definitions{0}, noon + 1h));
  CHECK(at.save_refused(one).why == refused::reason::input_gone);
}

TEST_CASE("X9 the clock of a test workspace is stored", "[contract]") {
  opened_store at;
  const auto moved = make_workspace(at, "moved", workspace_kind::test);
  make_workspace(at, "live", workspace_kind::live);
  persistence::test_clock_row row{moved, "ws_moved", noon + 30 * 24h};
  REQUIRE(at.store().put(row));
  at.reopen();
  const auto all = at.reader().workspaces();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->front().test_now == noon + 30 * 24h);
  CHECK_FALSE(all->back().test_now);
}

TEST_CASE("X9 the times of test workspaces hide no events of others",
          "[contract]") {
  opened_store at;
  const auto live = make_workspace(at, "live", workspace_kind::live);
  const auto ahead = make_workspace(at, "ahead", workspace_kind::test);
  const auto behind = make_workspace(at, "behind", workspace_kind::test);
  auto one = contact(1, live);
  auto early = contact(2, ahead);
  auto late = contact(3, behind);
  // Far more turns of the test workspaces than of the live one.
  for (int i = 0; i < 20; ++i) {
    one.see(event("e"), noon + i * 1h);
    at.save(one);
    auto& other = i < 10 ? early : late;
    for (int k = 0; k < 100; ++k)
      other.see(event("f"), i < 10 ? noon + 5000 * 24h : noon - 5000 * 24h);
    at.save(other);
  }
  const auto count = [&](engine::workspace_id workspace,
                         std::optional<engine::timestamp> since,
                         std::optional<engine::timestamp> until) {
    persistence::event_query query;
    query.workspace = workspace;
    query.since = since;
    query.until = until;
    query.limit = 10'000;
    const auto page = at.reader().events(query);
    REQUIRE(page);
    return page->turns.size();
  };
  for (int i = 0; i <= 20; ++i) {
    CAPTURE(i);
    const auto middle = noon + i * 1h;
    CHECK(count(live, {}, middle) == static_cast<std::size_t>(i));
    CHECK(count(live, middle, {}) == static_cast<std::size_t>(20 - i));
  }
  CHECK(count(ahead, noon + 4999 * 24h, {}) == 1000);
  CHECK(count(behind, {}, noon - 4999 * 24h) == 1000);
}
