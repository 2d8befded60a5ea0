// What a store does with the turn that makes two contacts one.
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::contact_id;
using engine::position;
using reason = persistence::refused::reason;

namespace {

engine::identity anonymous(std::string_view value) {
  return who(engine::identity_kind::anonymous_id, value);
}

/// A contact with one turn that has these identities.
driven_contact known(opened_store& at, std::uint64_t number,
                     std::vector<engine::identity> identities) {
  auto made = contact(number);
  made.see(event("seen", "{}", std::move(identities)));
  at.save(made);
  return made;
}

void add_merge(driven_contact& into, const driven_contact& from) {
  into.add(decided(into.ahead(), engine::merge_input{from.state()},
                   engine::definitions{0}, noon));
}

contact_id owner(opened_store& at, const engine::identity& who) {
  const auto owners = at.reader().resolve(here, std::span{&who, 1});
  REQUIRE(owners);
  return owners->front().contact;
}

std::vector<std::uint64_t> positions(const persistence::turn_page& page) {
  std::vector<std::uint64_t> out;
  for (const auto& turn : page.turns)
    out.push_back(engine::number(turn.stamp.turn));
  return out;
}

} // namespace

TEST_CASE("a merge moves the identities and says who absorbed whom",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1")});
  auto two = known(at, 2, {email("a@example.com"), anonymous("anon-1")});
  add_merge(one, two);
  at.save(one);
  for (int round = 0; round < 2; ++round) {
    CHECK(owner(at, email("a@example.com")) == one.id());
    CHECK(owner(at, anonymous("anon-1")) == one.id());
    CHECK(*at.reader().merged_into(two.id()) == one.id());
    CHECK(*at.reader().merged_into(one.id()) == contact_id{});
    // The absorbed contact is as it was.
    const auto gone = at.reader().load(two.id());
    REQUIRE(gone);
    CHECK(gone->merged_into == one.id());
    CHECK(gone->state.seq == 1);
    CHECK(gone->state.identities->size() == 2);
    CHECK(at.reader().load(one.id())->state.identities->size() == 3);
    at.reopen();
  }
}

TEST_CASE("absorbed contacts of an absorbed one name the last survivor",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {anonymous("anon-1")});
  auto two = known(at, 2, {anonymous("anon-2")});
  auto three = known(at, 3, {anonymous("anon-3")});
  add_merge(two, one);
  at.save(two);
  add_merge(three, two);
  at.save(three);
  CHECK(*at.reader().merged_into(one.id()) == three.id());
  CHECK(*at.reader().merged_into(two.id()) == three.id());
  CHECK(*three.state().absorbed == std::vector{one.id(), two.id()});
}

TEST_CASE("I5 a cycle of merges is refused: who is absorbed survives nothing",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {anonymous("anon-1")});
  auto two = known(at, 2, {anonymous("anon-2")});
  auto three = known(at, 3, {anonymous("anon-3")});
  auto crossing = two;
  add_merge(one, two);
  add_merge(crossing, one);
  auto again = three;
  add_merge(again, two);
  // In one group: the first wins, the other two know an old contact.
  const auto outcomes = at.commit({one.unit(), crossing.unit(), again.unit()});
  REQUIRE(std::holds_alternative<committed>(outcomes[0]));
  for (const std::size_t i : {1U, 2U}) {
    REQUIRE(std::holds_alternative<refused>(outcomes[i]));
    CHECK(std::get<refused>(outcomes[i]).why == reason::stale);
  }
  CHECK(*at.reader().merged_into(one.id()) == contact_id{});
  // Neither does it take a turn of its own.
  two.see(event("late"));
  CHECK(at.save_refused(two).why == reason::stale);
  // Nor does a contact absorb itself.
  add_merge(three, three);
  CHECK(at.save_refused(three).why == reason::stale);
}

TEST_CASE("a merge is refused when the absorbed contact has gone on",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1")});
  auto two = known(at, 2, {anonymous("anon-2")});
  add_merge(one, two);
  two.see(event("late", "{}", {email("late@example.com")}));
  at.save(two);
  const auto why = at.save_refused(one);
  CHECK(why.why == reason::stale);
  CHECK(owner(at, anonymous("anon-2")) == two.id());
  CHECK(*at.reader().merged_into(two.id()) == contact_id{});
}

TEST_CASE("G61 a used key keeps the merge from happening",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1")});
  auto two = known(at, 2, {email("a@example.com")});
  auto first = event("seen");
  first.event.key = key(7);
  one.see(first);
  at.save(one);
  add_merge(one, two);
  auto repeat
    = event("other", "{}", {external("usr_1"), email("a@example.com")});
  repeat.event.key = key(7);
  one.see(repeat);
  CHECK(at.save_refused(one).why == reason::key_used);
  CHECK(owner(at, email("a@example.com")) == two.id());
  two.see(event("goes.on"));
  at.save(two);
}

TEST_CASE("the event's turn may show an inherited address anew",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1"), email("old@example.com")});
  auto two = known(at, 2, {email("new@example.com")});
  add_merge(one, two);
  one.see(event("seen", "{}", {external("usr_1"), email("new@example.com")}));
  at.save(one);
  CHECK(owner(at, email("new@example.com")) == one.id());
  CHECK(owner(at, email("old@example.com")) == one.id());
  CHECK(one.state().find(engine::identity_kind::email)->key
        == "new@example.com");
}

TEST_CASE("timers of the absorbed contact are the survivor's",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1")});
  auto two = known(at, 2, {email("b@example.com")});
  auto start = decided(two.ahead(), event("go"), engine::definitions{0}, noon);
  start.changes.push_back(
    engine::run_started{1, 1, engine::sequence_id{9}, 1, "", {}});
  start.changes.push_back(engine::run_moved{1, "rest", "then", noon + 1h, 0});
  start.timers_set.push_back({noon + 1h, 1, 1});
  two.add(std::move(start));
  at.save(two);
  add_merge(one, two);
  at.save(one);
  const auto timers = at.timers();
  REQUIRE(timers.size() == 1);
  CHECK(timers.front().contact == one.id());
  CHECK(timers.front().what == engine::timer{noon + 1h, 1, 1});
  one.add(decided(one.ahead(), engine::timer_input{timers.front().what},
                  engine::definitions{0}, noon + 1h));
  at.save(one);
  CHECK(at.timers().empty());
}

TEST_CASE("the timer of an absorbed contact's session is the survivor's, or "
          "goes",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1")});
  auto two = known(at, 2, {anonymous("anon-2")});
  auto three = known(at, 3, {anonymous("anon-3")});
  const auto is_of_session = [](const persistence::due_timer& timer) {
    return timer.what.run == 0 && timer.what.visit == engine::session_timer;
  };
  CHECK(at.timers().size() == 2);
  for (const auto* absorbed : {&two, &three}) {
    add_merge(one, *absorbed);
    at.save(one);
  }
  const auto timers = at.timers();
  REQUIRE(timers.size() == 1);
  CHECK(timers.front().contact == one.id());
  CHECK(is_of_session(timers.front()));
  one.add(decided(one.ahead(), engine::timer_input{timers.front().what},
                  engine::definitions{0}, noon + 1h));
  at.save(one);
  CHECK(at.timers().empty());
}

TEST_CASE("a timeline is the union over absorbed contacts, page by page",
          "[contract][merges]") {
  opened_store at;
  auto one = known(at, 1, {external("usr_1")});
  auto two = known(at, 2, {anonymous("anon-2")});
  auto three = known(at, 3, {anonymous("anon-3")});
  auto other = known(at, 4, {anonymous("anon-4")});
  for (int i = 0; i < 80; ++i)
    for (auto* each : {&one, &other, &two, &three}) {
      each->see(event(i % 2 == 0 ? "even" : "odd"));
      at.save(*each);
    }
  add_merge(two, three);
  at.save(two);
  add_merge(one, two);
  at.save(one);
  std::vector<std::uint64_t> expected;
  for (const auto* each : {&one, &two, &three})
    for (const auto& turn : each->turns())
      expected.push_back(engine::number(turn.stamp.turn));
  std::sort(expected.rbegin(), expected.rend());
  for (const std::size_t size : {1U, 7U, 64U, 1000U}) {
    std::vector<std::uint64_t> listed;
    for (position before{};;) {
      const auto page = at.reader().timeline(one.id(), before, size);
      REQUIRE(page);
      const auto some = positions(*page);
      listed.insert(listed.end(), some.begin(), some.end());
      if (!page->has_more)
        break;
      before = page->turns.back().stamp.turn;
    }
    CHECK(listed == expected);
  }
  // Its own turns are still its own.
  CHECK(at.reader().turns(one.id(), {}, 1000)->turns.size()
        == one.turns().size());
  persistence::event_query query;
  query.workspace = here;
  query.contact = one.id();
  query.types = {"odd"};
  query.limit = 1000;
  CHECK(at.reader().events(query)->turns.size() == 120);
  query.also = {other.id()};
  CHECK(at.reader().events(query)->turns.size() == 160);
}
