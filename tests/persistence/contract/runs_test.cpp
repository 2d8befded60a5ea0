// Where runs rest, by sequence; timers that wait for a paused sequence.
#include "tests/persistence/contract/contract.hpp"
#include "tests/support/events.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace troupe;
using namespace troupe::test;
using persistence::run_query;
using persistence::sequence_row;
using persistence::sequence_state_row;

namespace {

constexpr engine::sequence_id nine{9};

/// A turn that starts run `number` of the sequence and rests in the node.
engine::turn starting(const driven_contact& one, std::uint32_t number,
                      const std::string& node,
                      engine::sequence_id sequence = nine,
                      std::uint32_t version = 1) {
  auto turn = decided(one.ahead(), event("go"), engine::definitions{0}, noon);
  turn.changes.push_back(
    engine::run_started{number, 1, sequence, version, "", {}});
  turn.changes.push_back(engine::run_moved{number, node, "then", {}, 0});
  return turn;
}

engine::turn changing(const driven_contact& one, engine::change what) {
  auto turn = decided(one.ahead(), event("on"), engine::definitions{0}, noon);
  turn.changes.push_back(std::move(what));
  return turn;
}

std::map<std::string, std::uint64_t> counted(opened_store& at) {
  const auto found = at.reader().live_runs(nine);
  REQUIRE(found);
  std::map<std::string, std::uint64_t> out;
  for (const auto& each : *found)
    out[std::to_string(each.version) + each.node] = each.runs;
  return out;
}

} // namespace

TEST_CASE("live runs are counted in the node they rest in", "[contract]") {
  opened_store at;
  auto one = contact(1);
  auto two = contact(2);
  one.add(starting(one, 1, "a"));
  one.add(starting(one, 2, "a", nine, 2));
  one.add(starting(one, 3, "a", engine::sequence_id{10}));
  at.save(one);
  two.add(starting(two, 1, "a"));
  two.add(changing(two, engine::run_moved{1, "b", "then", {}, 0}));
  at.save(two);
  CHECK(
    counted(at)
    == std::map<std::string, std::uint64_t>{{"1a", 1}, {"2a", 1}, {"1b", 1}});
  one.add(changing(one, engine::run_moved{1, "b", "then", {}, 0}));
  one.add(changing(
    one, engine::run_ended{2, engine::run_status::exited, "exit_when"}));
  at.save(one);
  two.add(changing(two, engine::run_paused{1}));
  at.save(two);
  const std::map<std::string, std::uint64_t> both_in_b{{"1b", 2}};
  CHECK(counted(at) == both_in_b);
  at.reopen();
  CHECK(counted(at) == both_in_b);
  one.add(changing(one, engine::run_moved{1, "c", "then", {}, 0}));
  one.add(changing(one, engine::run_moved{1, "b", "then", {}, 0}));
  at.save(one);
  for (auto later = noon; later < noon + 10s; later += 5s) {
    CHECK(counted(at) == both_in_b);
    at.store().maintain(later);
  }
  CHECK(counted(at) == both_in_b);
}

TEST_CASE("a run that moved often is listed where it is", "[contract]") {
  opened_store at;
  auto one = contact(1);
  one.add(starting(one, 1, "a"));
  for (const auto* node : {"b", "c", "d"})
    one.add(changing(one, engine::run_moved{1, node, "then", noon + 1h, 0}));
  at.save(one);
  run_query query;
  query.sequence = nine;
  const auto listed = [&] {
    const auto page = at.reader().runs(query);
    REQUIRE(page);
    REQUIRE(page->runs.size() == 1);
    return page->runs.front();
  };
  CHECK(listed().node == "d");
  CHECK(listed().wake_at == noon + 1h);
  at.store().maintain(noon + 1h);
  CHECK(listed().node == "d");
  CHECK(listed().wake_at == noon + 1h);
  one.add(
    changing(one, engine::run_ended{1, engine::run_status::completed, "exit"}));
  at.save(one);
  CHECK(listed().status == engine::run_status::completed);
  CHECK_FALSE(listed().wake_at);
  at.store().maintain(noon + 2h);
  CHECK(listed().status == engine::run_status::completed);
}

TEST_CASE("runs of a sequence are listed newest first, by status, a page at a "
          "time",
          "[contract]") {
  opened_store at;
  for (std::uint64_t n = 1; n <= 6; ++n) {
    auto one = contact(n);
    one.add(starting(one, 1, "a"));
    if (n % 2 == 0)
      one.add(changing(
        one, engine::run_ended{1, engine::run_status::completed, "exit"}));
    at.save(one);
  }
  run_query query;
  query.sequence = nine;
  query.limit = 2;
  std::vector<engine::contact_id> seen;
  for (auto more = true; more;) {
    const auto page = at.reader().runs(query);
    REQUIRE(page);
    for (const auto& run : page->runs) {
      CHECK(run.node == "a");
      CHECK(run.version == 1);
      seen.push_back(run.contact);
    }
    more = page->has_more;
    query.before = page->next;
    query.before_ordinal = page->next_ordinal;
  }
  REQUIRE(seen.size() == 6);
  for (std::uint64_t n = 0; n < 6; ++n)
    CHECK(seen[n] == contact_number(6 - n));
  query = {};
  query.sequence = nine;
  query.status = engine::run_status::completed;
  query.limit = 3;
  const auto ended = at.reader().runs(query);
  REQUIRE(ended);
  CHECK(ended->runs.size() == 3);
  CHECK_FALSE(ended->has_more);
  // A page looks at so many rows and no more, and says where it stopped.
  query.status = engine::run_status::failed;
  query.scanned_max = 4;
  const auto none = at.reader().runs(query);
  REQUIRE(none);
  CHECK(none->runs.empty());
  CHECK(none->has_more);
  query.before = none->next;
  query.before_ordinal = none->next_ordinal;
  CHECK_FALSE(at.reader().runs(query)->has_more);
}

TEST_CASE("a timer waits for a paused sequence and is due when that goes on",
          "[contract]") {
  opened_store at;
  persistence::workspace_row ws;
  ws.text_id = "ws_1";
  const auto workspace = at.store().put(ws);
  REQUIRE(workspace);
  const auto made
    = at.store().put(sequence_row{{},
                                  "seq_1",
                                  workspace->id,
                                  "s",
                                  0,
                                  persistence::definition_status::active,
                                  "{}"});
  REQUIRE(made);
  const auto set = [&](bool paused) {
    REQUIRE(at.store().put(sequence_state_row{made->id, "seq_1", workspace->id,
                                              paused, false, noon}));
  };
  auto one = contact(1);
  const engine::timer due{noon + 1h, 1, 1};
  auto start = starting(one, 1, "a", made->id);
  start.changes.back() = engine::run_moved{1, "a", "then", due.due, 0};
  start.timers_set.push_back(due);
  one.add(std::move(start));
  at.save(one);
  const auto hold = [&] {
    auto turn = decided(one.ahead(), engine::timer_input{due},
                        engine::definitions{0}, noon + 1h);
    turn.changes.clear();
    turn.trace.push_back({engine::rule::paused, false, made->id, 1, ""});
    one.add(std::move(turn));
    at.save(one);
  };
  // Not paused any more when the turn arrives: it is due as it was.
  hold();
  CHECK(at.timers().size() == 1);
  set(true);
  hold();
  CHECK(at.timers().empty());
  at.reopen();
  CHECK(at.timers().empty());
  set(false);
  REQUIRE(at.timers().size() == 1);
  CHECK(at.timers().front().what == due);
}
