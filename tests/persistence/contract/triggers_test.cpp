// What shall happen later, or to many.
#include "engine/trigger.hpp"
#include "persistence/trigger_rows.hpp"
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::execution_status;
using engine::trigger_kind;
using engine::trigger_row;
using engine::trigger_status;

namespace {

trigger_row scheduled(std::uint64_t id, engine::workspace_id workspace = here) {
  trigger_row row;
  row.id = {id, ~id};
  row.workspace = workspace;
  row.kind = trigger_kind::event;
  row.status = trigger_status::scheduled;
  row.created_at = noon;
  row.due = noon + 1h;
  row.wish = R"({"type":"e"})";
  return row;
}

trigger_row put(opened_store& at, trigger_row row) {
  auto stored = at.store().put(std::move(row));
  REQUIRE(stored);
  return *stored;
}

} // namespace

TEST_CASE("S22 a trigger is there with its row of the inbox, and goes with the "
          "turn that it becomes",
          "[contract]") {
  opened_store at;
  CHECK(put(at, scheduled(1)).changed);
  at.reopen();
  REQUIRE(at.inbox().size() == 1);
  const auto due = at.inbox().front();
  CHECK(persistence::is_of_trigger(due));
  CHECK(due.id == engine::inbox_id{1, ~std::uint64_t{1}});
  CHECK(due.due == noon + 1h);
  auto one = contact(1);
  auto& rows = one.see(event("e"));
  rows.consumed = due.id;
  rows.consumed_due = due.due;
  const auto first = at.save(one);
  const auto row = at.reader().trigger(here, due.id);
  REQUIRE(row);
  CHECK(row->status == trigger_status::processing);
  CHECK(row->turn == first);
  CHECK(row->wish.empty());
  CHECK(at.inbox().empty());
  // It happens once.
  auto two = contact(2);
  auto& again = two.see(event("e"));
  again.consumed = due.id;
  again.consumed_due = due.due;
  CHECK(at.save_refused(two).why == refused::reason::input_gone);
  CHECK_FALSE(at.reader().trigger(elsewhere, due.id));
}

TEST_CASE("S23 a trigger that waits can be called off, and no other",
          "[contract]") {
  opened_store at;
  put(at, scheduled(1));
  auto off = scheduled(1);
  off.status = trigger_status::cancelled;
  off.ended_at = noon;
  CHECK(put(at, off).changed);
  CHECK(at.inbox().empty());
  CHECK(at.reader().trigger(here, off.id)->status == trigger_status::cancelled);
  CHECK_FALSE(put(at, off).changed);
  auto done = scheduled(1);
  done.status = trigger_status::completed;
  CHECK_FALSE(put(at, done).changed);
  auto begun = scheduled(2);
  begun.status = trigger_status::queued;
  put(at, begun);
  begun.status = trigger_status::cancelled;
  CHECK_FALSE(put(at, begun).changed);
  CHECK(at.inbox().size() == 1);
  auto nobodys = scheduled(3);
  nobodys.status = trigger_status::cancelled;
  CHECK_FALSE(put(at, nobodys).changed);
  CHECK_FALSE(at.reader().trigger(here, nobodys.id));
}

TEST_CASE("S43 the key of a trigger means the first one for a day",
          "[contract]") {
  opened_store at;
  auto first = scheduled(1);
  first.key = engine::idempotency{5, 6, 7};
  put(at, first);
  auto again = scheduled(2);
  again.key = engine::idempotency{5, 6, 8};
  const auto same = put(at, again);
  CHECK_FALSE(same.changed);
  CHECK(same.id == first.id);
  REQUIRE(same.key);
  CHECK(same.key->fingerprint == 7);
  again.created_at = noon + 24h;
  CHECK(put(at, again).changed);
  CHECK(at.inbox().size() == 2);
}

TEST_CASE(
  "S49 a contact has one turn of a trigger, and what it came to is kept",
  "[contract]") {
  opened_store at;
  const engine::inbox_id trigger{9, 9};
  std::vector<driven_contact> all;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    all.push_back(contact(n));
    all.back().see(event("e")).trigger = trigger;
    at.save(all.back());
  }
  auto& one = all.front();
  one.see(event("e")).trigger = trigger;
  CHECK(at.save_refused(one).why == refused::reason::input_gone);
  CHECK(at.reader().trigger_counts_of(trigger)->under_way == 5);
  auto rows = *at.reader().trigger_contacts({trigger, false, {}, {}, 3});
  REQUIRE(rows.size() == 3);
  rows[0].outcome = execution_status::sent;
  rows[1].outcome = execution_status::filtered;
  rows[1].ended_at = noon;
  for (auto& row : rows)
    if (row.outcome)
      REQUIRE(at.store().put(row));
  const auto counts = *at.reader().trigger_counts_of(trigger);
  CHECK(counts.sent == 1);
  CHECK(counts.filtered == 1);
  CHECK(counts.under_way == 3);
  CHECK(counts.ended_at == noon);
  const auto rest = *at.reader().trigger_contacts({trigger, true, {}, {}, 10});
  CHECK(rest.size() == 3);
  const auto after
    = *at.reader().trigger_contacts({trigger, false, {}, rows[2].contact, 10});
  CHECK(after.size() == 2);
  const auto left_out = *at.reader().trigger_contacts(
    {trigger, false, execution_status::filtered, {}, 10});
  REQUIRE(left_out.size() == 1);
  CHECK(left_out.front().contact == rows[1].contact);
}

TEST_CASE(
  "X10 variables of a workflow are kept while its trigger waits, and no "
  "longer",
  "[contract][erasures]") {
  opened_store at;
  auto row = scheduled(1);
  row.kind = trigger_kind::workflow;
  row.wish = R"({"sequence":3,"contact":1,"vars":{"a":"canary"}})";
  REQUIRE(put(at, row).changed);
  row.status = trigger_status::queued;
  row.next = engine::contact_id{1};
  CHECK(put(at, row).changed);
  CHECK(at.reader().trigger(here, row.id)->wish.find("canary")
        != std::string::npos);
  row.status = GENERATE(trigger_status::processing, trigger_status::completed,
                        trigger_status::failed);
  CHECK(put(at, row).changed);
  CHECK(at.reader().trigger(here, row.id)->wish
        == R"({"sequence":3,"contact":1,"vars":{}})");
}
