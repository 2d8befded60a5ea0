// Timers, inbox, outbox and deliveries: what a commit leaves for later.
#include "tests/persistence/contract/contract.hpp"

#include <set>

using namespace troupe;
using namespace troupe::test;
using engine::destination_id;
using engine::position;
using persistence::attempt_row;
using persistence::delivery_key;
using persistence::delivery_status;

TEST_CASE("timers are listed by due time, each once, a page at a time",
          "[contract]") {
  opened_store at;
  std::set<std::tuple<engine::timestamp, engine::contact_id, std::uint32_t>>
    expected;
  for (std::uint64_t n = 1; n <= 20; ++n) {
    auto one = contact(n);
    auto& rows = one.see(event("e"));
    for (std::uint32_t run = 1; run <= 5; ++run) {
      // Many at the same instant.
      const auto due = noon + (n * run % 4) * 1min;
      rows.timers_set.push_back({due, run, n % 3 == 0 ? 2U : 1U});
      expected.emplace(due, one.id(), run);
    }
    at.save(one);
  }
  const auto limit
    = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1000});
  std::vector<persistence::due_timer> all;
  std::optional<persistence::due_timer> after;
  for (;;) {
    const auto page = at.reader().timers(noon + 1h, after, limit);
    REQUIRE(page);
    REQUIRE(page->size() <= limit);
    if (page->empty())
      break;
    all.insert(all.end(), page->begin(), page->end());
    after = all.back();
  }
  REQUIRE(all.size() == expected.size());
  for (std::size_t i = 1; i < all.size(); ++i)
    CHECK(all[i - 1].what.due <= all[i].what.due);
  for (const auto& each : all) {
    CHECK(each.workspace == here);
    CHECK(expected.erase({each.what.due, each.contact, each.what.run}) == 1);
  }
  // `until` is inclusive.
  const auto now = at.reader().timers(noon + 1min, {}, 1000);
  for (const auto& each : *now)
    CHECK(each.what.due <= noon + 1min);
  CHECK(now->back().what.due == noon + 1min);
}

TEST_CASE("a cleared timer is gone, the others stay", "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto& set = a.see(event("e"));
  set.timers_set = {{noon + 1h, 1, 1}, {noon + 1h, 2, 1}, {noon + 2h, 1, 2}};
  at.save(a);
  auto& clear = a.see(event("e"));
  clear.timers_cleared = {{noon + 1h, 1, 1}};
  clear.timers_set = {{noon + 3h, 1, 3}};
  at.save(a);
  const auto left = at.timers();
  REQUIRE(left.size() == 3);
  CHECK(left[0].what == engine::timer{noon + 1h, 2, 1});
  CHECK(left[1].what == engine::timer{noon + 2h, 1, 2});
  CHECK(left[2].what == engine::timer{noon + 3h, 1, 3});
}

TEST_CASE("a timer can be set and consumed in one unit", "[contract]") {
  opened_store at;
  auto a = contact(1);
  const engine::timer due{noon + 1h, 1, 1};
  a.see(event("e")).timers_set.push_back(due);
  a.add(decided(a.ahead(), engine::timer_input{due}, engine::definitions{0},
                noon + 1h));
  at.save(a);
  CHECK(at.timers().empty());
}

TEST_CASE("inbox rows are listed by due time, each once, as they were written",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto& rows = a.see(event("e"));
  const std::uint64_t high_bit = std::uint64_t{1} << 63;
  for (std::uint64_t i = 0; i < 30; ++i)
    rows.messages.push_back({{(i * 7919) | (i % 2 == 0 ? high_bit : 0), i},
                             noon + (i % 3) * 1min,
                             here,
                             a.id(),
                             i % 2 == 0 ? std::optional{email(
                               "X" + std::to_string(i) + "@Example.com")}
                                        : std::nullopt,
                             "type." + std::to_string(i),
                             R"({"n":)" + std::to_string(i) + "}",
                             static_cast<std::uint32_t>(i % 17)});
  const auto written = rows.messages;
  at.save(a);
  std::vector<persistence::inbox_row> all;
  std::optional<persistence::inbox_row> after;
  const auto limit = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{100});
  for (;;) {
    const auto page = at.reader().inbox(noon + 1h, after, limit);
    REQUIRE(page);
    if (page->empty())
      break;
    all.insert(all.end(), page->begin(), page->end());
    after = all.back();
  }
  REQUIRE(all.size() == written.size());
  for (std::size_t i = 1; i < all.size(); ++i)
    CHECK(all[i - 1].due <= all[i].due);
  for (const auto& row : all) {
    const auto same
      = std::find_if(written.begin(), written.end(), [&](const auto& other) {
          return other.id == row.id;
        });
    REQUIRE(same != written.end());
    CHECK(row.due == same->due);
    CHECK(row.workspace == here);
    CHECK(row.sender == a.id());
    CHECK(row.target == same->target);
    CHECK(row.type == same->type);
    CHECK(row.properties == same->properties);
    CHECK(row.hops == same->hops);
  }
  CHECK(at.reader().inbox(noon, {}, 100)->size() == 10);
}

TEST_CASE("a committed turn's deliveries wait in their outbox in order",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto& rows = a.see(event("e"));
  rows.matched = {destination_id{5}, destination_id{6}};
  rows.sends = {destination_id{9}, destination_id{5}};
  const auto first = at.save(a);
  a.see(event("e")).matched = {destination_id{5}};
  const auto second = at.save(a);
  CHECK(at.outbox(5)
        == std::vector<delivery_key>{{destination_id{5}, first, 0},
                                     {destination_id{5}, first, 2},
                                     {destination_id{5}, second, 0}});
  CHECK(at.outbox(6) == std::vector{delivery_key{destination_id{6}, first, 0}});
  CHECK(at.outbox(9) == std::vector{delivery_key{destination_id{9}, first, 1}});
  const auto one = at.reader().outbox({destination_id{5}, first, 0}, 1);
  CHECK(*one == std::vector{delivery_key{destination_id{5}, first, 2}});
}

TEST_CASE("a delivery goes from the outbox over attempts to its end",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("e")).matched = {destination_id{5}};
  const delivery_key key{destination_id{5}, at.save(a), 0};
  const auto attempt = [&](std::uint32_t number, delivery_status status,
                           std::optional<engine::timestamp> next) {
    at.commit({},
              {attempt_row{key, here, number, noon + number * 1min, status,
                           next, R"({"n":)" + std::to_string(number) + "}"}});
  };
  CHECK(at.reader().attempts(key)->empty());
  attempt(1, delivery_status::pending, noon + 1h);
  CHECK(at.outbox(5).empty());
  CHECK(at.reader().deliveries_due(key.destination, noon + 59min, 10)->empty());
  CHECK(at.reader().deliveries_due(destination_id{6}, noon + 2h, 10)->empty());
  const auto due = at.reader().deliveries_due(key.destination, noon + 1h, 10);
  REQUIRE(due->size() == 1);
  CHECK(due->front().key == key);
  CHECK(due->front().attempts == 1);
  CHECK(due->front().due == noon + 1h);
  at.reopen();
  attempt(2, delivery_status::pending, noon + 2h);
  CHECK(
    at.reader().deliveries_due(key.destination, noon + 2h, 10)->front().attempts
    == 2);
  const auto last
    = GENERATE(delivery_status::delivered, delivery_status::failed,
               delivery_status::held, delivery_status::dead);
  attempt(3, last, {});
  CHECK(at.reader().deliveries_due(key.destination, noon + 9h, 10)->empty());
  const auto history = at.reader().attempts(key);
  REQUIRE(history->size() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto& row = (*history)[i];
    CHECK(row.key == key);
    CHECK(row.number == i + 1);
    CHECK(row.at == noon + (i + 1) * 1min);
    CHECK(row.detail == R"({"n":)" + std::to_string(i + 1) + "}");
  }
  CHECK((*history)[0].status == delivery_status::pending);
  CHECK((*history)[2].status == last);
}

TEST_CASE("due deliveries come oldest due first", "[contract]") {
  opened_store at;
  auto a = contact(1);
  std::vector<attempt_row> attempts;
  for (int i = 0; i < 20; ++i) {
    a.see(event("e")).matched = {destination_id{5}};
    const delivery_key key{destination_id{5}, at.save(a), 0};
    attempts.push_back({key, here, 1, noon, delivery_status::pending,
                        noon + (i * 7 % 20) * 1min, "{}"});
  }
  at.commit({}, attempts);
  const auto due = at.reader().deliveries_due(destination_id{5}, noon + 1h, 10);
  REQUIRE(due->size() == 10);
  for (std::size_t i = 0; i < due->size(); ++i)
    CHECK((*due)[i].due == noon + static_cast<int>(i) * 1min);
}

TEST_CASE("what a contact is told of an attempt is stored with it, once",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("e")).matched = {destination_id{5}};
  attempt_row row;
  row.key = {destination_id{5}, at.save(a), 0};
  row.workspace = here;
  row.number = 1;
  row.at = noon;
  row.status = delivery_status::delivered;
  row.detail = "{}";
  auto& told = row.told.emplace();
  told.id = {1, 2};
  told.due = noon;
  told.workspace = here;
  told.sender = a.id();
  told.type = "$email_sent";
  told.properties = R"({"n":1})";
  told.hops = 3;
  const std::vector<attempt_row> rows{row};
  at.commit({}, rows);
  at.commit({}, rows); // of an answer that was lost
  const auto due = at.reader().inbox(noon, {}, 10);
  REQUIRE(due);
  REQUIRE(due->size() == 1);
  CHECK(due->front().id == told.id);
  CHECK(due->front().sender == a.id());
  CHECK_FALSE(due->front().target);
  CHECK(due->front().type == "$email_sent");
  CHECK(due->front().properties == told.properties);
  CHECK(due->front().hops == 3);
  const engine::inbox_input input{told.id, 3, {}, record("$email_sent"), {}};
  a.add(decided(a.ahead(), input, engine::definitions{0}, noon + 1s), noon);
  at.save(a);
  REQUIRE(at.inbox().empty());
  at.commit({}, rows); // of an answer that was lost for long
  CHECK(at.inbox().empty());
}

TEST_CASE("attempts are undone with a group that fails", "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("e")).matched = {destination_id{5}};
  const delivery_key key{destination_id{5}, at.save(a), 0};
  auto poison = contact(2);
  poison.see(event("poison"));
  at.maker().break_commits_of("poison");
  const std::vector units{poison.unit()};
  const std::vector<attempt_row> attempts{
    {key, here, 1, noon, delivery_status::delivered, {}, "{}"}};
  REQUIRE_FALSE(at.store().commit(units, attempts));
  CHECK(at.outbox(5).size() == 1);
  CHECK(at.reader().attempts(key)->empty());
}

namespace {

std::vector<position> turns_of(const persistence::delivery_page& page) {
  std::vector<position> turns;
  for (const auto& each : page.deliveries)
    turns.push_back(each.key.turn);
  return turns;
}

} // namespace

TEST_CASE("deliveries of a destination are listed newest first, attempted or "
          "not",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  std::vector<position> all;
  for (int i = 0; i < 9; ++i) {
    a.see(event("e")).matched = {destination_id{5}, destination_id{6}};
    all.insert(all.begin(), at.save(a));
    if (i % 3 != 0)
      at.commit({}, {attempt_row{{destination_id{5}, all.front(), 0},
                                 here,
                                 1,
                                 noon,
                                 i % 3 == 1 ? delivery_status::delivered
                                            : delivery_status::failed,
                                 {},
                                 "{}"}});
  }
  persistence::delivery_query query;
  query.destination = destination_id{5};
  query.limit = GENERATE(std::size_t{1}, std::size_t{4}, std::size_t{100});
  std::vector<position> seen;
  for (;;) {
    const auto page = at.reader().deliveries(query);
    REQUIRE(page);
    const auto turns = turns_of(*page);
    seen.insert(seen.end(), turns.begin(), turns.end());
    if (!page->has_more)
      break;
    query.before = page->next;
  }
  CHECK(seen == all);
  query.before = {};
  query.limit = 100;
  query.statuses = {delivery_status::failed};
  CHECK(turns_of(*at.reader().deliveries(query))
        == std::vector{all[0], all[3], all[6]});
  query.statuses = {delivery_status::pending};
  const auto pending = at.reader().deliveries(query);
  CHECK(turns_of(*pending) == std::vector{all[2], all[5], all[8]});
  CHECK(pending->deliveries.front().attempts == 0);
  query.statuses = {delivery_status::failed};
  query.scanned_max = 4;
  const auto cut = at.reader().deliveries(query);
  CHECK(turns_of(*cut) == std::vector{all[0], all[3]});
  CHECK(cut->has_more);
  CHECK(cut->next.turn == all[4]); // the others are in the outbox
  CHECK(at.reader().delivery({destination_id{5}, all[1], 0})->status
        == delivery_status::delivered);
  CHECK_FALSE(at.reader().delivery({destination_id{7}, all[1], 0}));
}

TEST_CASE("a delivery that is made due again keeps its attempts and begins "
          "its schedule anew",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("e")).matched = {destination_id{5}};
  const delivery_key key{destination_id{5}, at.save(a), 0};
  for (std::uint32_t n = 1; n <= 3; ++n)
    at.commit({}, {attempt_row{key,
                               here,
                               n,
                               noon,
                               n == 3 ? delivery_status::delivered
                                      : delivery_status::pending,
                               {},
                               "{}"}});
  persistence::admin_row note;
  note.workspace = here;
  note.action = "delivery.replayed";
  REQUIRE(at.store().make_due(std::span{&key, 1}, noon + 1h, note));
  at.reopen();
  const auto due = at.reader().deliveries_due(key.destination, noon + 1h, 10);
  REQUIRE(due->size() == 1);
  CHECK(due->front().attempts == 3);
  CHECK(due->front().replayed_after == 3);
  CHECK(at.reader().delivery(key)->status == delivery_status::pending);
  CHECK(at.reader()
          .admin_rows({here, "delivery.replayed", {}, {}, {}, 0, 50})
          ->size()
        == 1);
  at.commit(
    {}, {attempt_row{key, here, 4, noon, delivery_status::failed, {}, "{}"}});
  CHECK(at.reader().delivery(key)->status == delivery_status::failed);
  CHECK(at.reader().attempts(key)->size() == 4);
}
