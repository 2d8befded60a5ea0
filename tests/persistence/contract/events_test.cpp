#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::number;
using engine::position;
using persistence::event_query;

namespace {

/// The types of a page, oldest first, joined.
std::string types_of(const persistence::turn_page& page) {
  std::string out;
  for (auto turn = page.turns.rbegin(); turn != page.turns.rend(); ++turn)
    out += (out.empty() ? "" : " ") + turn->event->type;
  return out;
}

event_query query(std::vector<std::string> types = {}) {
  event_query asked;
  asked.workspace = here;
  asked.types = std::move(types);
  return asked;
}

std::string found(opened_store& at, const event_query& asked) {
  const auto page = at.reader().events(asked);
  REQUIRE(page);
  return types_of(*page);
}

// Six events of two contacts, a minute apart from noon on.
void fill(opened_store& at, driven_contact& a, driven_contact& b) {
  int minute = 0;
  for (const auto* type : {"order.started", "user.seen", "order.completed",
                           "order.item.added", "orders", "order"}) {
    auto& one = minute % 2 == 0 ? a : b;
    one.see(event(type), noon + minute * 1min);
    at.save(one);
    ++minute;
  }
}

} // namespace

TEST_CASE("G52 events are found by exact type, prefix, contact and time",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto b = contact(2);
  fill(at, a, b);
  CHECK(found(at, query())
        == "order.started user.seen order.completed order.item.added orders "
           "order");
  CHECK(found(at, query({"order"})) == "order");
  CHECK(found(at, query({"order.*"}))
        == "order.started order.completed order.item.added");
  CHECK(found(at, query({"order.item.*", "user.seen"}))
        == "user.seen order.item.added");
  CHECK(found(at, query({"order.*", "order.completed"}))
        == "order.started order.completed order.item.added");
  CHECK(found(at, query({"nothing"})).empty());
  CHECK(found(at, query({"nothing.*"})).empty());
  auto of_a = query({"order.*"});
  of_a.contact = a.id();
  CHECK(found(at, of_a) == "order.started order.completed");
  auto between = query();
  between.since = noon + 1min;
  between.until = noon + 3min;
  CHECK(found(at, between) == "user.seen order.completed");
  between.contact = b.id();
  CHECK(found(at, between) == "user.seen");
}

TEST_CASE("events of another workspace are never seen", "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto stranger = contact(2, elsewhere);
  a.see(event("mine"));
  at.save(a);
  stranger.see(event("theirs"));
  at.save(stranger);
  CHECK(found(at, query()) == "mine");
  CHECK(found(at, query({"theirs"})).empty());
  auto of_stranger = query();
  of_stranger.contact = stranger.id();
  CHECK(found(at, of_stranger).empty());
}

TEST_CASE("only turns of kind event and inbox are events", "[contract]") {
  opened_store at;
  auto a = contact(1);
  a.see(event("seen"));
  at.save(a);
  a.add(engine::park(a.ahead(), event("parked"), noon, "no budget"));
  engine::turn fired;
  fired.workspace = here;
  fired.contact = a.id();
  fired.kind = engine::turn_kind::timer;
  fired.stamp.seq = 3;
  fired.stamp.at = noon + 1s;
  a.add(fired);
  at.save(a);
  const auto by_contact = GENERATE(false, true);
  auto asked = query();
  if (by_contact)
    asked.contact = a.id();
  CHECK(found(at, asked) == "seen");
  CHECK(at.reader().turns(a.id(), {}, 10)->turns.size() == 3);
}

TEST_CASE("a page of events says whether there is more and where it goes on",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto b = contact(2);
  fill(at, a, b);
  const auto by_contact = GENERATE(false, true);
  auto asked = query({"order.*"});
  if (by_contact)
    asked.contact = a.id();
  const std::size_t total = by_contact ? 2 : 3;
  asked.limit = total;
  CHECK_FALSE(at.reader().events(asked)->has_more);
  asked.limit = total - 1;
  const auto first = at.reader().events(asked);
  REQUIRE(first->turns.size() == total - 1);
  CHECK(first->has_more);
  // What arrives between two pages is on neither.
  a.see(event("order.late"), noon + 1h);
  at.save(a);
  asked.before = first->turns.back().stamp.turn;
  const auto second = at.reader().events(asked);
  CHECK(types_of(*second) == "order.started");
  CHECK_FALSE(second->has_more);
}

TEST_CASE("events are found over several blocks of positions", "[contract]") {
  opened_store at;
  auto a = contact(1);
  auto rare = contact(2);
  std::vector<position> rare_at;
  for (int group = 0; group < 40; ++group) {
    for (int i = 0; i < 64; ++i)
      a.see(event("common", "{}"), noon + group * 1min);
    at.save(a);
    if (group % 10 == 3) {
      rare.see(event("rare.seen"), noon + group * 1min);
      rare_at.push_back(at.save(rare));
    }
  }
  REQUIRE(number(rare_at.back()) > 2 * 1024);
  auto asked = query({"rare.*"});
  asked.limit = 1;
  for (auto expected = rare_at.rbegin(); expected != rare_at.rend();
       ++expected) {
    const auto page = at.reader().events(asked);
    REQUIRE(page->turns.size() == 1);
    CHECK(page->turns[0].stamp.turn == *expected);
    CHECK(page->has_more == (*expected != rare_at.front()));
    asked.before = *expected;
  }
  CHECK(at.reader().events(asked)->turns.empty());
  // All of them, in pages, each once and without gaps.
  asked = query();
  asked.limit = 100;
  auto expected = std::uint64_t{40 * 64 + 4};
  for (;;) {
    const auto page = at.reader().events(asked);
    for (const auto& turn : page->turns)
      REQUIRE(number(turn.stamp.turn) == expected--);
    if (!page->has_more)
      break;
    asked.before = page->turns.back().stamp.turn;
  }
  CHECK(expected == 0);
  // A search for the newest ends at `since`, one for the oldest at `until`.
  asked = query({"rare.seen"});
  asked.since = noon + 33min;
  CHECK(at.reader().events(asked)->turns.size() == 1);
  asked.since.reset();
  asked.until = noon + 13min;
  CHECK(at.reader().events(asked)->turns.size() == 1);
}

TEST_CASE("a search for several types misses none in a deep history",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  // `left` is everywhere; `right` only at the far end.
  constexpr int groups = 70;
  for (int group = 0; group < groups; ++group) {
    for (int i = 0; i < 1024; ++i)
      a.see(event(group < 2 && i == 0 ? "right"
                  : i == 1            ? "left"
                                      : "x"),
            noon + group * 1s);
    at.save(a);
  }
  auto asked = query({"left", "right"});
  asked.limit = 1000;
  const auto page = at.reader().events(asked);
  REQUIRE(page);
  CHECK(page->turns.size() == groups + 2);
}

TEST_CASE("J12 a search looks at so many turns and says where it goes on",
          "[contract]") {
  opened_store at;
  auto a = contact(1);
  for (int i = 0; i < 200; ++i) {
    a.see(event(i % 50 == 0 ? "rare" : "common"), noon + i * 1min);
    at.save(a);
  }
  for (const auto whose :
       {std::optional<engine::contact_id>{}, std::optional{a.id()}}) {
    auto asked = query({"rare"});
    asked.contact = whose;
    asked.scanned_max = 64;
    std::size_t events = 0;
    std::size_t pages = 0;
    for (auto more = true; more; ++pages) {
      const auto page = at.reader().events(asked);
      REQUIRE(page);
      events += page->turns.size();
      more = page->has_more;
      asked.before = page->next;
    }
    CHECK(events == 4);
    CHECK(pages >= 4);
  }
}

TEST_CASE("contacts are listed by when they came to be, whatever their shards",
          "[contract]") {
  opened_store at;
  std::vector<engine::contact_id> ids;
  for (std::uint64_t n = 1; n <= 9; ++n) {
    auto one = contact(n);
    one.see(event("e"));
    at.save(one);
    ids.insert(ids.begin(), one.id());
  }
  auto stranger = contact(20, elsewhere);
  stranger.see(event("e"));
  at.save(stranger);
  CHECK(std::is_sorted(ids.begin(), ids.end(), engine::is_newer));
  CHECK(*at.reader().newest_contacts(here, {}, 100) == ids);
  const auto rest = at.reader().newest_contacts(here, ids[3], 2);
  CHECK(*rest == std::vector{ids[4], ids[5]});
  CHECK(at.reader().newest_contacts(here, ids.back(), 2)->empty());
}
