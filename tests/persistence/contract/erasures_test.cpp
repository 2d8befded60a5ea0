// What a store does when a contact is erased (X10).
#include "engine/erasure.hpp"
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::contact_id;
using engine::position;
using persistence::attempt_row;
using persistence::delivery_status;
using persistence::erasing;

namespace {

constexpr std::uint32_t endpoint = 5;

/// A contact with so many turns, all of which go to an endpoint.
driven_contact known(opened_store& at, std::uint64_t number,
                     std::vector<engine::identity> identities,
                     std::size_t turns = 3) {
  auto made = contact(number);
  for (std::size_t i = 0; i < turns; ++i) {
    auto& rows = made.see(event("seen", R"({"n":"canary"})", identities));
    rows.matched = {engine::destination_id{endpoint}};
    auto decoded = persistence::decode_turn({}, rows.payload);
    REQUIRE(decoded);
    decoded->matched = rows.matched;
    rows.payload = persistence::encode_turn(*decoded);
    at.save(made, i == 1);
  }
  return made;
}

persistence::erasure_wish wish_of(const driven_contact& one,
                                  const std::string& text_id = "era_1") {
  persistence::erasure_wish wish;
  wish.text_id = text_id;
  wish.workspace = here;
  wish.contact = one.id();
  wish.seq = one.state().seq;
  wish.last_turn = one.state().last_turn;
  wish.identities = *one.state().identities;
  wish.timers = engine::timers_of(one.state());
  wish.contact_hash = engine::contact_hash("con_1");
  wish.at = noon;
  wish.note.workspace = here;
  wish.note.at = noon;
  wish.note.action = "contact.erased";
  wish.note.subject = text_id;
  wish.note.details = "{}";
  return wish;
}

/// @returns how many slices it took
std::size_t erase_all(opened_store& at) {
  for (std::size_t slices = 1; slices < 10'000; ++slices) {
    const auto came = at.store().erase_more(noon + 1h);
    REQUIRE(came);
    if (*came == erasing::nothing)
      return slices;
  }
  FAIL("it does not end");
  return 0;
}

engine::identity_owner owner(opened_store& at, const engine::identity& who,
                             engine::workspace_id in = here) {
  const auto owners = at.reader().resolve(in, std::span{&who, 1});
  REQUIRE(owners);
  return owners->front();
}

persistence::erasure_row row_of(opened_store& at, const std::string& text_id) {
  const auto found = at.reader().erasures({here, text_id, 0, 1});
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  return found->front();
}

} // namespace

TEST_CASE("X10 a contact that is closed is found by nobody, and has no more "
          "turns",
          "[contract][erasures]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1"), email("a@example.com")});
  const auto other = known(at, 2, {external("usr_2")});
  CHECK_FALSE(owner(at, external("usr_1")).erased);
  REQUIRE(at.store().begin_erasure(wish_of(one)));
  for (int round = 0; round < 2; ++round) {
    CHECK(at.reader().load(one.id()).failure().code == engine::errc::not_found);
    CHECK(at.reader().load(other.id()));
    for (const auto& who : {external("usr_1"), email("a@example.com")}) {
      CHECK(owner(at, who).contact == contact_id{});
      CHECK(owner(at, who).erased);
      CHECK_FALSE(owner(at, who, elsewhere).erased);
    }
    CHECK(owner(at, external("usr_2")).contact == other.id());
    CHECK_FALSE(owner(at, external("usr_3")).erased);
    CHECK(*at.reader().newest_contacts(here, {}, 10)
          == std::vector{other.id()});
    auto late = one;
    late.see(event("late"));
    CHECK(at.save_refused(late).why == persistence::refused::reason::stale);
    at.reopen();
  }
  // Its identities are free for another contact.
  auto next = contact(9);
  next.see(event("seen", "{}", {external("usr_1")}));
  at.save(next);
  CHECK(owner(at, external("usr_1")).contact == next.id());
  CHECK_FALSE(owner(at, external("usr_1")).erased);
}

TEST_CASE("X10 a contact that has gone on is not erased",
          "[contract][erasures]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1")});
  const auto old = wish_of(one);
  one.see(event("later"));
  at.save(one);
  const auto begun = at.store().begin_erasure(old);
  REQUIRE_FALSE(begun);
  CHECK(begun.failure().code == engine::errc::conflict);
  CHECK(at.reader().load(one.id()));
  auto foreign = wish_of(one);
  foreign.workspace = elsewhere;
  CHECK_FALSE(at.store().begin_erasure(foreign));
  CHECK(*at.store().erase_more(noon) == erasing::nothing);
}

TEST_CASE("X10 turns keep their places and lose what they said, in slices that "
          "go on after a restart",
          "[contract][erasures]") {
  opened_store at;
  constexpr std::size_t turns = 700;
  const auto one = known(at, 1, {external("usr_1")}, turns);
  const auto other = known(at, 2, {external("usr_2")});
  REQUIRE(at.store().begin_erasure(wish_of(one)));
  REQUIRE(at.store().erase_more(noon + 1h));
  const auto running = row_of(at, "era_1");
  CHECK(running.turns == turns);
  CHECK_FALSE(running.finished_at);
  CHECK(running.counts.at("turns") < turns);
  at.reopen();
  CHECK(erase_all(at) > 2);
  const auto done = row_of(at, "era_1");
  CHECK(done.finished_at == noon + 1h);
  CHECK(done.counts.at("turns") == turns);
  CHECK(done.counts.at("identities") == 1);
  CHECK(done.counts.at("deliveries") == turns);
  for (const auto& turn : one.turns()) {
    const auto left = at.reader().turn_at(turn.stamp.turn);
    REQUIRE(left);
    CHECK(left->kind == engine::turn_kind::erased);
    CHECK(left->stamp.seq == turn.stamp.seq);
    CHECK(left->stamp.at == turn.stamp.at);
    CHECK_FALSE(left->event);
    CHECK(left->changes.empty());
  }
  for (const auto& turn : other.turns())
    CHECK(at.reader().turn_at(turn.stamp.turn)->event);
  persistence::event_query all;
  all.workspace = here;
  CHECK(at.reader().events(all)->turns.size() == other.turns().size());
}

TEST_CASE("X10 deliveries of an erased contact are over, whatever comes of a "
          "call that was under way",
          "[contract][erasures]") {
  opened_store at;
  const auto one = known(at, 1, {external("usr_1")});
  const auto other = known(at, 2, {external("usr_2")});
  const auto key_of = [](const driven_contact& of, std::size_t turn) {
    return persistence::delivery_key{engine::destination_id{endpoint},
                                     of.turns()[turn].stamp.turn, 0};
  };
  attempt_row first;
  first.key = key_of(one, 0);
  first.workspace = here;
  first.number = 1;
  first.at = noon;
  first.status = delivery_status::pending;
  first.next_attempt_at = noon + 1h;
  first.detail = R"({"response":"canary"})";
  at.commit({}, {first});
  REQUIRE(at.store().begin_erasure(wish_of(one)));
  erase_all(at);
  CHECK(at.outbox(endpoint).size() == other.turns().size());
  const auto check = [&] {
    for (std::size_t i = 0; i < one.turns().size(); ++i) {
      const auto row = at.reader().delivery(key_of(one, i));
      REQUIRE(row);
      CHECK(row->status == delivery_status::dead);
      CHECK_FALSE(row->next_attempt_at);
      const auto attempts = at.reader().attempts(key_of(one, i));
      REQUIRE(attempts);
      REQUIRE(attempts->size() == (i == 0 ? 2 : 1));
      for (const auto& each : *attempts)
        CHECK(each.detail == R"({"error":"contact_erased"})");
    }
  };
  check();
  auto late = first;
  late.number = 2;
  late.detail = R"({"response":"canary again"})";
  auto good = first;
  good.key = key_of(other, 0);
  good.status = delivery_status::delivered;
  good.next_attempt_at.reset();
  at.commit({}, {late, good});
  check();
  CHECK(at.reader().delivery(good.key)->status == delivery_status::delivered);
  const auto keys = std::vector{first.key, good.key};
  REQUIRE(at.store().make_due(keys, noon, wish_of(one).note));
  check();
  CHECK(at.reader().delivery(good.key)->status == delivery_status::pending);
}

TEST_CASE("X10 erasures are listed newest first, each in its workspace",
          "[contract][erasures]") {
  opened_store at;
  const auto one = known(at, 1, {external("usr_1")});
  const auto two = known(at, 2, {external("usr_2")});
  REQUIRE(at.store().begin_erasure(wish_of(one, "era_1")));
  REQUIRE(at.store().begin_erasure(wish_of(two, "era_2")));
  erase_all(at);
  const auto all = at.reader().erasures({here, {}, 0, 10});
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->front().text_id == "era_2");
  const auto rest = at.reader().erasures({here, {}, all->front().id, 10});
  REQUIRE(rest);
  REQUIRE(rest->size() == 1);
  CHECK(rest->front().text_id == "era_1");
  CHECK(at.reader().erasures({elsewhere, {}, 0, 10})->empty());
  CHECK(at.reader().erasures({elsewhere, "era_1", 0, 10})->empty());
}

TEST_CASE(
  "X10 what a call that was under way leaves for an erased contact goes "
  "with it",
  "[contract][erasures]") {
  opened_store at;
  const auto one = known(at, 1, {external("usr_1")});
  const auto first
    = at.reader().outbox({engine::destination_id{endpoint}, {}, 0}, 1)->front();
  REQUIRE(at.store().begin_erasure(wish_of(one)));
  attempt_row late;
  late.key = first;
  late.workspace = here;
  late.number = 1;
  late.status = delivery_status::delivered;
  late.at = noon;
  late.detail = "{}";
  late.told.emplace();
  late.told->id = {7, 7};
  late.told->workspace = here;
  late.told->sender = one.id();
  late.told->type = "$told";
  late.told->properties = "{}";
  late.told->due = noon;
  REQUIRE(at.store().commit({}, std::span{&late, 1}));
  REQUIRE(at.inbox().size() == 1);
  erase_all(at);
  CHECK(at.inbox().empty());
}
