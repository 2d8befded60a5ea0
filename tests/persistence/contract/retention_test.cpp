// Turns that are older than their workspace keeps them go; what they led to
// stays.
#include "tests/persistence/contract/contract.hpp"

#include <string>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::persistence;

namespace {

constexpr auto day = std::chrono::hours{24};
constexpr auto enough = 4'000; // steps, for what these tests store

engine::workspace_id make_workspace(opened_store& at, const std::string& name,
                                    const std::string& settings) {
  workspace_row fresh;
  fresh.text_id = "ws_" + name;
  fresh.name = name;
  fresh.kind = engine::workspace_kind::live;
  fresh.settings = settings;
  const auto made = at.store().put(fresh);
  REQUIRE(made);
  return made->id;
}

/// What the writer does by and by.
void keep_up(opened_store& at, engine::timestamp now) {
  for (int i = 0; i < enough; ++i)
    at.store().forget_old(now += 1s);
}

void pass_time(opened_store& at, driven_contact& one, int turns,
               engine::timestamp when) {
  for (int left = turns; left > 0; left -= 64) {
    for (int i = 0; i < std::min(left, 64); ++i)
      one.see(event("seen", "{}", {external("filler")}), when);
    at.save(one);
  }
}

std::size_t stored(opened_store& at, const driven_contact& of) {
  std::size_t count = 0;
  engine::position before{};
  for (;;) {
    const auto page = at.reader().turns(of.id(), before, 100);
    REQUIRE(page);
    count += page->turns.size();
    if (!page->has_more)
      return count;
    before = page->turns.back().stamp.turn;
  }
}

} // namespace

TEST_CASE("turns older than 400 days go, and the contact stays as it is",
          "[contract][retention]") {
  opened_store at;
  const auto workspace = make_workspace(at, "usual", "");
  auto old = contact(1, workspace);
  auto steady = contact(2, workspace);
  old.see(event("seen", "{}", {external("usr_1")}), noon);
  old.see(event("seen", "{}"), noon).matched = {destination_id{5}};
  at.save(old);
  steady.see(event("seen", "{}", {external("usr_2")}), noon);
  at.save(steady);
  auto filler = contact(3, workspace);
  pass_time(at, filler, 3'000, noon);
  const auto later = noon + 401 * day;
  steady.see(event("seen", "{}"), later);
  at.save(steady);
  pass_time(at, filler, 1, later);

  keep_up(at, noon + 399 * day);
  CHECK(stored(at, old) == 2);
  CHECK(stored(at, filler) == 3'001);

  // A store may wait a week, to let go of more at once.
  const auto kept = later + 8 * day;
  keep_up(at, kept);
  CHECK(stored(at, old) == 0);
  CHECK(stored(at, steady) == 1);
  CHECK(stored(at, filler) < 1'100); // the block it is in stays whole
  for (const auto* each : {&old, &steady, &filler}) {
    const auto loaded = at.reader().load(each->id());
    REQUIRE(loaded);
    CHECK(state_hash(loaded->state) == state_hash(each->state()));
  }
  // It goes on where it was.
  old.see(event("seen", "{}"), kept);
  at.save(old);
  at.reopen();
  CHECK(stored(at, old) == 1);
  CHECK(state_hash(at.reader().load(old.id())->state)
        == state_hash(old.state()));
}

TEST_CASE("each workspace keeps its turns as long as it says",
          "[contract][retention]") {
  opened_store at;
  const auto brief = make_workspace(at, "brief", R"({"retention_days":30})");
  const auto usual = make_workspace(at, "usual", "{}");
  auto a = contact(1, brief);
  auto b = contact(2, usual);
  for (auto* each : {&a, &b}) {
    each->see(event("seen", "{}", {external("usr")}), noon);
    at.save(*each);
  }
  auto filler = contact(3, usual);
  pass_time(at, filler, 1'100, noon);
  pass_time(at, filler, 1, noon + 31 * day);
  keep_up(at, noon + 31 * day);
  CHECK(stored(at, a) == 0);
  CHECK(stored(at, b) == 1);
  event_query query;
  query.workspace = brief;
  query.limit = 10;
  CHECK(at.reader().events(query)->turns.empty());
  query.workspace = usual;
  CHECK(at.reader().events(query)->turns.size() == 10);
}
