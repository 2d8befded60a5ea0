#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::position;
using reason = persistence::refused::reason;

namespace {

/// An event with a key, a timer, a message, a delivery and an identity: a
/// unit that would leave traces everywhere.
void add_rich_turn(driven_contact& one, std::uint64_t key_name,
                   std::string_view identity) {
  auto input = event("rich.event", "{}", {external(identity)});
  input.event.key = key(key_name);
  auto turn = decided(one.ahead(), input, engine::definitions{0}, noon);
  turn.timers_set.push_back({noon + 1h, 77, 1});
  turn.messages.push_back({external("usr_other"), "hello", "{}", 1});
  turn.matched.push_back(engine::destination_id{5});
  one.add(std::move(turn));
}

/// Nothing of the unit can be seen anywhere.
void check_no_trace(opened_store& at, const driven_contact& one,
                    std::string_view identity) {
  const auto asked = std::vector{external(identity)};
  CHECK(at.reader().resolve(here, asked)->front().contact != one.id());
  for (const auto& timer : at.timers())
    CHECK(timer.contact != one.id());
  for (const auto& row : at.inbox())
    CHECK(row.sender != one.id());
  const auto turns = at.reader().turns(one.id(), {}, 100);
  CHECK(turns->turns.size() == one.turns().size());
  for (const auto& each : at.outbox(5))
    CHECK(at.reader().turn_at(each.turn)->contact != one.id());
}

/// Commits `refusable` between two good units and expects those to live.
refused refused_among(opened_store& at, const driven_contact& refusable) {
  static std::uint64_t next = 1000;
  auto before = contact(++next);
  auto after = contact(++next);
  before.see(event("before", "{}", {external(std::to_string(next) + "x")}));
  after.see(event("after", "{}", {external(std::to_string(next) + "y")}));
  const auto outcomes
    = at.commit({before.unit(), refusable.unit(), after.unit()});
  REQUIRE(std::holds_alternative<committed>(outcomes[0]));
  REQUIRE(std::holds_alternative<committed>(outcomes[2]));
  // The refused unit took no position.
  CHECK(engine::number(std::get<committed>(outcomes[2]).first)
        == engine::number(std::get<committed>(outcomes[0]).first) + 1);
  CHECK(at.reader().load(before.id()));
  CHECK(at.reader().load(after.id()));
  REQUIRE(std::holds_alternative<refused>(outcomes[1]));
  return std::get<refused>(outcomes[1]);
}

} // namespace

TEST_CASE("G60 a used key refuses the whole unit and names its holder",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("first"));
  a.see(event("second")).key = key(1);
  const auto holder = position{engine::number(at.save(a)) + 1};
  if (GENERATE(false, true))
    at.reopen();
  auto b = contact(2);
  b.see(event("good"));
  add_rich_turn(b, 1, "usr_b");
  const auto why = refused_among(at, b);
  CHECK(why.why == reason::key_used);
  CHECK(why.index == 1);
  CHECK(why.holder == holder);
  check_no_trace(at, b, "usr_b");
}

TEST_CASE("a key is used up by an earlier unit of the same group",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto b = contact(2);
  add_rich_turn(a, 1, "usr_a");
  add_rich_turn(b, 1, "usr_b");
  const auto outcomes = at.commit({a.unit(), b.unit()});
  const auto first = std::get<committed>(outcomes[0]).first;
  const auto why = std::get<refused>(outcomes[1]);
  CHECK(why.why == reason::key_used);
  CHECK(why.holder == first);
  check_no_trace(at, b, "usr_b");
}

TEST_CASE("a refused unit uses up none of its keys", "[contract]") {
  opened_store at;
  auto owner = contact(1);
  owner.see(event("e", "{}", {external("usr_1")}));
  at.save(owner);
  auto loser = contact(2);
  add_rich_turn(loser, 1, "usr_1");
  CHECK(at.save_refused(loser).why == reason::identity_taken);
  auto winner = contact(3);
  add_rich_turn(winner, 1, "usr_3");
  at.save(winner);
}

TEST_CASE("a taken identity refuses the whole unit and names its owner",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("e", "{}", {external("usr_1"), email("ada@example.com")}));
  at.save(a);
  auto b = contact(2);
  b.see(event("good", "{}", {email("other@example.com")}));
  add_rich_turn(b, 1, "usr_1");
  const auto why = refused_among(at, b);
  CHECK(why.why == reason::identity_taken);
  CHECK(why.index == 1);
  REQUIRE(why.who);
  CHECK(why.who->key == external("usr_1").key);
  CHECK(why.owner == a.id());
  check_no_trace(at, b, "other");
  const auto free
    = at.reader().resolve(here, std::vector{email("other@example.com")});
  CHECK(free->front().contact == engine::contact_id{});
}

TEST_CASE("an identity is taken by an earlier unit of the same group",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto b = contact(2);
  add_rich_turn(a, 1, "usr_1");
  add_rich_turn(b, 2, "usr_1");
  const auto outcomes = at.commit({a.unit(), b.unit()});
  CHECK(std::holds_alternative<committed>(outcomes[0]));
  const auto why = std::get<refused>(outcomes[1]);
  CHECK(why.why == reason::identity_taken);
  CHECK(why.owner == a.id());
  check_no_trace(at, b, "usr_1");
}

TEST_CASE("the same identity in another workspace is another one",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto b = contact(2, elsewhere);
  a.see(event("e", "{}", {external("usr_1")}));
  b.see(event("e", "{}", {external("usr_1")}));
  at.save(a);
  at.save(b);
  const auto asked = std::vector{external("usr_1")};
  CHECK(at.reader().resolve(here, asked)->front().contact == a.id());
  CHECK(at.reader().resolve(elsewhere, asked)->front().contact == b.id());
}

TEST_CASE("owners are resolved in the order asked, with what they are",
          "[contract]") {
  opened_store at;
  auto known = contact(1);
  auto anonymous = contact(2);
  known.see(event("e", "{}", {external("usr_1"), email("ada@example.com")}));
  anonymous.see(
    event("e", "{}", {who(engine::identity_kind::anonymous_id, "anon-1")}));
  at.save(known);
  at.save(anonymous);
  const std::vector asked{who(engine::identity_kind::anonymous_id, "anon-1"),
                          external("usr_9"), email("ada@example.com")};
  const auto owners = at.reader().resolve(here, asked);
  REQUIRE(owners);
  REQUIRE(owners->size() == 3);
  CHECK((*owners)[0].contact == anonymous.id());
  CHECK_FALSE((*owners)[0].has_external_id);
  CHECK((*owners)[1].contact == engine::contact_id{});
  CHECK((*owners)[1].who == asked[1]);
  CHECK((*owners)[2].contact == known.id());
  CHECK((*owners)[2].has_external_id);
}

TEST_CASE("a replaced identity is free for others, in the same group too",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("e", "{}", {external("usr_1"), email("old@example.com")}));
  at.save(a);
  a.see(event("e", "{}", {external("usr_1"), email("new@example.com")}));
  auto b = contact(2);
  b.see(event("e", "{}", {email("old@example.com")}));
  const auto outcomes = at.commit({a.unit(), b.unit()});
  CHECK(std::holds_alternative<committed>(outcomes[0]));
  CHECK(std::holds_alternative<committed>(outcomes[1]));
  const std::vector asked{email("old@example.com"), email("new@example.com")};
  const auto owners = at.reader().resolve(here, asked);
  CHECK((*owners)[0].contact == b.id());
  CHECK((*owners)[1].contact == a.id());
}

TEST_CASE("a unit that does not begin at the contact's head is stale",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("one", "{}", {external("usr_1")}));
  at.save(a);
  auto behind = a; // a second writer that misses the next turn
  a.see(event("two"));
  at.save(a);
  SECTION("behind") {
    add_rich_turn(behind, 1, "usr_1");
    CHECK(refused_among(at, behind).why == reason::stale);
    CHECK(at.timers().empty());
    CHECK(at.inbox().empty());
  }
  SECTION("as a new contact") {
    driven_contact fresh{here, a.id()};
    add_rich_turn(fresh, 1, "usr_1");
    CHECK(refused_among(at, fresh).why == reason::stale);
    CHECK(at.timers().empty());
  }
  SECTION("ahead") {
    a.see(event("three"));
    auto unit = a.unit();
    unit.turns[0].seq += 1;
    CHECK(std::get<refused>(at.commit({unit})[0]).why == reason::stale);
  }
  SECTION("at another turn of the same number") {
    a.see(event("three"));
    auto unit = a.unit();
    unit.previous = position{engine::number(unit.previous) + 1};
    CHECK(std::get<refused>(at.commit({unit})[0]).why == reason::stale);
  }
  SECTION("a new contact whose turns do not begin at 1") {
    auto fresh = contact(9);
    fresh.see(event("one"));
    auto unit = fresh.unit();
    unit.turns[0].seq = 2;
    CHECK(std::get<refused>(at.commit({unit})[0]).why == reason::stale);
  }
  CHECK(at.reader().load(a.id())->state.seq == 2);
  // The key of the refused unit is still free.
  auto other = contact(3);
  add_rich_turn(other, 1, "usr_3");
  at.save(other);
}

TEST_CASE("a timer is consumed once", "[contract]") {
  opened_store at;
  auto a = contact(1);
  const engine::timer due{noon + 1h, 1, 1};
  a.see(event("e", "{}", {external("usr_1")})).timers_set.push_back(due);
  at.save(a);
  REQUIRE(at.timers().size() == 1);
  const auto fire = [&] {
    return decided(a.ahead(), engine::timer_input{due}, engine::definitions{0},
                   noon + 1h);
  };
  a.add(fire());
  at.save(a);
  CHECK(at.timers().empty());
  add_rich_turn(a, 1, "usr_1");
  a.add(fire());
  const auto why = refused_among(at, a);
  CHECK(why.why == reason::input_gone);
  CHECK(why.index == 1);
  check_no_trace(at, a, "usr_none");
}

TEST_CASE("an inbox row is consumed once, in the same group too",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto turn = decided(a.ahead(), event("e", "{}", {external("usr_1")}),
                      engine::definitions{0}, noon);
  turn.messages.push_back({external("usr_2"), "hello", R"({"n":1})", 3});
  a.add(std::move(turn));
  at.save(a);
  REQUIRE(at.inbox().size() == 1);
  const auto row = at.inbox().front();
  const auto consume = [&](driven_contact& by) {
    engine::inbox_input input{
      row.id, row.hops, row.target, record("hello"), {}};
    by.add(decided(by.ahead(), input, engine::definitions{0}, noon + 1s),
           row.due);
  };
  auto b = contact(2);
  auto c = contact(3);
  consume(b);
  c.see(event("good", "{}", {external("usr_3")}));
  consume(c);
  const auto outcomes = at.commit({b.unit(), c.unit()});
  CHECK(std::holds_alternative<committed>(outcomes[0]));
  const auto why = std::get<refused>(outcomes[1]);
  CHECK(why.why == reason::input_gone);
  CHECK(why.index == 1);
  CHECK(at.inbox().empty());
  check_no_trace(at, c, "usr_3");
}

TEST_CASE("an inbox row is consumed once by the turns of one unit",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto turn = decided(a.ahead(), event("e", "{}", {external("usr_1")}),
                      engine::definitions{0}, noon);
  turn.messages.push_back({external("usr_2"), "hello", R"({"n":1})", 3});
  a.add(std::move(turn));
  at.save(a);
  const auto row = at.inbox().front();
  auto b = contact(2);
  for (int i = 0; i < 2; ++i) {
    engine::inbox_input input{
      row.id, row.hops, row.target, record("hello"), {}};
    b.add(decided(b.ahead(), input, engine::definitions{0}, noon + 1s),
          row.due);
  }
  const auto why = at.save_refused(b);
  CHECK(why.why == reason::input_gone);
  CHECK(why.index == 1);
  CHECK(at.inbox().size() == 1);
}

TEST_CASE("a group that fails leaves nothing of any unit", "[contract]") {
  opened_store at;
  auto settled = contact(9);
  settled.see(event("settled"));
  at.save(settled);
  auto a = contact(1);
  add_rich_turn(a, 1, "usr_1");
  auto poison = contact(2);
  poison.see(event("poison", "{}", {external("usr_2")}));
  at.maker().break_commits_of("poison");
  const auto units = std::vector{a.unit(), poison.unit()};
  const auto failed = at.store().commit(units, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.failure().code == engine::errc::storage_unavailable);
  check_no_trace(at, a, "usr_1");
  // Neither on the disk nor in memory: the same units go through later.
  at.maker().repair_commits();
  if (GENERATE(false, true))
    at.reopen();
  const auto outcomes = at.commit(units);
  CHECK(std::get<committed>(outcomes[0]).first == position{2});
  CHECK(std::get<committed>(outcomes[1]).first == position{3});
  auto all = persistence::event_query{};
  all.workspace = here;
  all.types = {"rich.*", "poison"};
  CHECK(at.reader().events(all)->turns.size() == 2);
}
