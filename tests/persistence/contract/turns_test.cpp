#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::number;
using engine::position;

TEST_CASE("turns are numbered in one row over units, groups and restarts",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto b = contact(2);
  a.see(event("a.1"));
  a.see(event("a.2"));
  b.see(event("b.1"));
  const auto outcomes = at.commit({a.unit(), b.unit()});
  CHECK(std::get<committed>(outcomes[0]).first == position{1});
  CHECK(std::get<committed>(outcomes[1]).first == position{3});
  a.committed(position{1});
  b.committed(position{3});
  a.see(event("a.3"));
  CHECK(at.save(a) == position{4});
  at.reopen();
  b.see(event("b.2"));
  CHECK(at.save(b) == position{5});
}

TEST_CASE("a turn is found by its position as it was committed", "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("order.completed", R"({"total":12.5})", {external("usr_1")}));
  const auto first = at.save(a);
  const auto found = at.reader().turn_at(first);
  REQUIRE(found);
  CHECK(found->stamp.turn == first);
  CHECK(found->stamp.seq == 1);
  CHECK(found->stamp.at == noon);
  CHECK(found->workspace == here);
  CHECK(found->contact == a.id());
  CHECK(found->kind == engine::turn_kind::event);
  CHECK(found->event->type == "order.completed");
  CHECK(found->event->properties_text() == R"({"total":12.5})");
  CHECK(found->external_id == "usr_1");
  const auto missing = at.reader().turn_at(position{99});
  REQUIRE_FALSE(missing);
  CHECK(missing.failure().code == engine::errc::not_found);
}

TEST_CASE("a contact's turns are paged newest first, each once", "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto other = contact(2);
  // Groups of uneven sizes, so that every 64th turn falls anywhere in them.
  for (int i = 0; i < 300;) {
    for (int n = 0; n <= i % 7; ++n, ++i)
      a.see(event("e." + std::to_string(i)));
    other.see(event("noise"));
    const auto outcomes = at.commit({other.unit(), a.unit()});
    other.committed(std::get<committed>(outcomes[0]).first);
    a.committed(std::get<committed>(outcomes[1]).first);
  }
  const auto& live = a.turns();
  const auto page_size = GENERATE(std::size_t{1}, std::size_t{7},
                                  std::size_t{64}, std::size_t{1000});
  const auto all = all_turns(at.reader(), a.id(), page_size);
  REQUIRE(all.size() == live.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].stamp.seq == i + 1);
    CHECK(all[i].stamp.turn == live[i].stamp.turn);
  }
  const auto last = at.reader().turns(a.id(), {}, live.size());
  CHECK_FALSE(last->has_more);
  CHECK(at.reader().turns(a.id(), {}, live.size() - 1)->has_more);
  CHECK(at.reader().turns(contact_number(99), {}, 10)->turns.empty());
}

TEST_CASE("a deep page begins at any bound, also between turns", "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto other = contact(2);
  for (int i = 0; i < 200; ++i) {
    a.see(event("e"));
    other.see(event("noise"));
    const auto outcomes = at.commit({a.unit(), other.unit()});
    a.committed(std::get<committed>(outcomes[0]).first);
    other.committed(std::get<committed>(outcomes[1]).first);
  }
  for (std::uint64_t bound = 1; bound <= 401; ++bound) {
    const auto page = at.reader().turns(a.id(), position{bound}, 1);
    REQUIRE(page);
    // a's turns are at 1, 3, 5, …
    const auto expected = bound / 2;
    if (expected == 0) {
      CHECK(page->turns.empty());
      continue;
    }
    REQUIRE(page->turns.size() == 1);
    CHECK(page->turns[0].stamp.seq == expected);
    CHECK(page->has_more == (expected > 1));
  }
}

TEST_CASE("one unit may hold more turns than a skip of the chain",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  for (int i = 0; i < 200; ++i)
    a.see(event("e"));
  at.save(a);
  for (std::uint64_t bound = 2; bound <= 201; ++bound) {
    const auto page = at.reader().turns(a.id(), position{bound}, 1);
    REQUIRE(page->turns.size() == 1);
    CHECK(page->turns[0].stamp.seq == bound - 1);
  }
}

TEST_CASE("a loaded contact equals all its turns applied", "[contract]") {
  opened_store at;
  auto a = contact(1);
  const auto snapshot_every = GENERATE(0, 1, 3, 32);
  for (int i = 0; i < 40; ++i) {
    a.see(event(
      "e", "{}",
      {who(engine::identity_kind::anonymous_id, "anon-" + std::to_string(i))}));
    at.save(a, snapshot_every != 0 && i % snapshot_every == 0 && i > 0);
  }
  const auto loaded = at.reader().load(a.id());
  REQUIRE(loaded);
  CHECK(persistence::state_hash(loaded->state)
        == persistence::state_hash(a.state()));
  CHECK((loaded->snapshot_seq != 0) == (snapshot_every != 0));
  CHECK(verify_replay(at.reader(), a.state()).equal());
  at.reopen();
  const auto again = at.reader().load(a.id());
  CHECK(persistence::state_hash(again->state)
        == persistence::state_hash(a.state()));
}

TEST_CASE("a contact without turns is not found", "[contract]") {
  opened_store at;
  const auto loaded = at.reader().load(contact_number(1));
  REQUIRE_FALSE(loaded);
  CHECK(loaded.failure().code == engine::errc::not_found);
}

TEST_CASE("a reader sees what was committed before it asks", "[contract]") {
  opened_store at;
  auto a = contact(1);
  for (int i = 1; i <= 20; ++i) {
    a.see(event("e"));
    at.save(a);
    REQUIRE(at.reader().load(a.id())->state.seq
            == static_cast<std::uint64_t>(i));
  }
}

TEST_CASE("the seed is made with the store and stays", "[contract]") {
  opened_store at;
  const auto seed = at.store().seed();
  at.reopen();
  CHECK(at.store().seed() == seed);
  opened_store other;
  CHECK(other.store().seed() != seed);
}

TEST_CASE("G71 a notice is kept with the change it tells of, as a turn of "
          "nobody's, and is none of a contact's events",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("a.1"));
  at.save(a);
  engine::turn told;
  told.kind = engine::turn_kind::notice;
  told.event.emplace().type = "schema_contract.changed";
  told.event->body = R"({"name":"x"})";
  told.event->properties = {0, 12};
  persistence::notice_row notice{
    here,
    noon + 1h,
    persistence::encode_turn(told),
    {engine::destination_id{7}, engine::destination_id{9}}};
  persistence::event_type_row type;
  type.workspace = here;
  type.name = "x";
  type.status = persistence::definition_status::active;
  type.updated_at = noon;
  REQUIRE(at.store().put_all({type, notice}, std::nullopt));
  CHECK(at.outbox(7).size() == 1);
  REQUIRE(at.outbox(9).size() == 1);
  const auto where = at.outbox(9).front().turn;
  CHECK(where == position{2});
  a.see(event("a.2"));
  CHECK(at.save(a) == position{3});
  at.reopen();
  const auto found = at.reader().turn_at(where);
  REQUIRE(found);
  CHECK(found->kind == engine::turn_kind::notice);
  CHECK(found->workspace == here);
  CHECK(found->contact == engine::contact_id{});
  CHECK(found->stamp.at == noon + 1h);
  CHECK(found->event->properties_text() == R"({"name":"x"})");
  persistence::event_query query;
  query.workspace = here;
  CHECK(at.reader().events(query)->turns.size() == 2);
  query.scanned_max = 100;
  CHECK(at.reader().events_after(query, {})->turns.size() == 2);
  CHECK(at.reader().count_after({}, 100, 100)->types.size() == 2);
  CHECK(at.reader().contact_count(here).operator*() == 1);
}
