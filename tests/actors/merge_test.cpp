// Who becomes part of whom, and what is taken over.
#include "tests/support/people.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace troupe;
using namespace troupe::tests;
using kind = messages::definition_change::kind;

namespace {

constexpr auto waiting = R"({"key":"s","status":"active","entry":"w",
  "trigger":{"any":[{"event":"start"}]},
  "nodes":{"w":{"type":"wait","any":[{"event":"paid","then":"early"}],
                "timeout":"10s","on_timeout":"late"},
           "early":{"type":"update","score_add":100,"then":"end"},
           "late":{"type":"update","score_add":1,"then":"end"},
           "end":{"type":"exit"}}})";

std::string warnings_of(const messages::receipt& done) {
  std::string out;
  for (const auto& each : done.warnings)
    out += each.code + ":" + std::string{engine::name_of(each.kind)} + " ";
  return out;
}

} // namespace

TEST_CASE("G34 an e-mail's contact without external_id becomes part of the one "
          "that has it",
          "[actors][merge]") {
  people world;
  const auto one = world.saw("a", {{external, "usr_1"}});
  const auto two = world.saw("b", {{email, "a@example.com"}});
  const auto done
    = world.saw("c", {{external, "usr_1"}, {email, "a@example.com"}});
  CHECK(done.contact == one.contact);
  CHECK(done.email == "a@example.com");
  CHECK(done.warnings.empty());
  CHECK(world.owner(email, "a@example.com") == one.contact);
  CHECK(*world.load(one.contact).absorbed == std::vector{two.contact});
  CHECK(world.load(one.contact).seq == 3); // own event, merge, event
  // A stale entry of the directory finds the survivor too.
  CHECK(world.saw("d", {{email, "a@example.com"}}).contact == one.contact);
}

TEST_CASE("who has an external_id survives, else who is older",
          "[actors][merge]") {
  people world;
  const auto older = world.saw("a", {{anonymous, "old"}});
  world.time.advance(std::chrono::seconds{1});
  const auto known = world.saw("b", {{external, "usr_1"}, {email, "k@x.com"}});
  const auto young = world.saw("c", {{email, "y@x.com"}});
  const auto to_known
    = world.saw("d", {{email, "y@x.com"}, {anonymous, "old"}});
  CHECK(to_known.contact == older.contact);
  CHECK(*world.look().merged_into(young.contact) == older.contact);
  // The primary identity's contact has none, the other one has.
  const auto last = world.saw("e", {{email, "y@x.com"}, {anonymous, "new"}});
  CHECK(last.contact == older.contact);
  world.saw("f", {{external, "usr_1"}, {anonymous, "new"}});
  CHECK(*world.look().merged_into(older.contact) == known.contact);
  CHECK(*world.look().merged_into(young.contact) == known.contact);
}

TEST_CASE("G34 B18 a contact with another external_id stays, with a warning",
          "[actors][merge]") {
  people world;
  const auto one = world.saw("a", {{external, "usr_1"}, {email, "a@x.com"}});
  world.saw("b", {{external, "usr_2"}, {anonymous, "anon"}});
  const auto done = world.saw("c", {{external, "usr_2"}, {email, "a@x.com"}});
  CHECK(warnings_of(done) == "identity_conflict:email ");
  CHECK(world.owner(email, "a@x.com") == one.contact);
  const auto other = world.saw("d", {{external, "usr_1"}, {anonymous, "anon"}});
  CHECK(other.contact == one.contact);
  CHECK(warnings_of(other) == "identity_conflict:anonymous_id ");
  const auto fresh = world.saw("e", {{external, "usr_3"}, {anonymous, "anon"}});
  CHECK(warnings_of(fresh) == "identity_conflict:anonymous_id ");
  CHECK(world.load(fresh.contact).identities->size() == 1);
}

TEST_CASE("a new identity that names several known contacts is adopted by the "
          "one they become",
          "[actors][merge]") {
  people world;
  const auto one = world.saw("a", {{anonymous, "anon"}});
  world.time.advance(std::chrono::milliseconds{1});
  world.saw("b", {{email, "a@x.com"}});
  const auto done = world.saw(
    "c", {{external, "usr_1"}, {email, "a@x.com"}, {anonymous, "anon"}});
  CHECK(done.contact == one.contact);
  CHECK(done.external_id == "usr_1");
  CHECK(world.stored("usr_1").identities->size() == 3);
}

TEST_CASE("I5 a contact holds at most 1,000 identities: more are refused one "
          "by one",
          "[actors][merge]") {
  people world;
  const auto fill = [&](const std::string& who, int from, int to) {
    for (int i = from; i < to; ++i)
      world.see("a", {{external, who}, {anonymous, who + std::to_string(i)}});
    world.time.run();
  };
  fill("full", 0, 999);
  CHECK(world.stored("full").identities->size() == 1000);
  CHECK(warnings_of(world.saw("b", {{external, "full"}, {anonymous, "more"}}))
        == "identity_limit:anonymous_id ");
  CHECK(world.owner(anonymous, "more") == engine::contact_id{});
  fill("near", 0, 997);
  const auto small = world.saw("c", {{email, "s@x.com"}, {anonymous, "s"}});
  const auto third = world.saw("d", {{email, "t@x.com"},
                                     {anonymous, "t"},
                                     {identity_kind::phone, "+442012345678"}});
  // 998 and 2 are 1,000; 1,000 and 3 are too many.
  const auto fits = world.saw("e", {{external, "near"}, {anonymous, "s"}});
  CHECK(fits.warnings.empty());
  CHECK(world.stored("near").identities->size() == 1000);
  CHECK(*world.look().merged_into(small.contact) == fits.contact);
  const auto over = world.saw("f", {{external, "near"}, {email, "t@x.com"}});
  CHECK(over.contact == fits.contact);
  CHECK(warnings_of(over) == "identity_limit:email ");
  CHECK(world.owner(email, "t@x.com") == third.contact);
}

TEST_CASE("I5 a full contact adopts nobody: a new one is made",
          "[actors][merge]") {
  people world;
  for (int i = 0; i < 1000; ++i)
    world.see("a", {{anonymous, "first"}, {anonymous, std::to_string(i + 7)}});
  world.time.run();
  const auto full = world.owner(anonymous, "first");
  CHECK(world.load(full).identities->size() == 1000);
  const auto done = world.saw("b", {{external, "usr_1"}, {anonymous, "first"}});
  CHECK(done.contact != full);
  CHECK(warnings_of(done) == "identity_limit:anonymous_id ");
  CHECK(world.saw("c", {{external, "usr_1"}}).contact == done.contact);
}

TEST_CASE("timers of an absorbed contact fire once, on the survivor",
          "[actors][merge]") {
  people world{GENERATE(std::size_t{1}, std::size_t{400})};
  REQUIRE(!world.define(kind::sequence, waiting).failure);
  world.saw("a", {{external, "usr_1"}});
  world.saw("start", {{email, "a@x.com"}});
  world.saw("b", {{external, "usr_1"}, {email, "a@x.com"}});
  CHECK(world.stored("usr_1").runs->size() == 1);
  for (int i = 0; i < 40; ++i)
    world.time.advance(std::chrono::milliseconds{500});
  CHECK(world.stored("usr_1").score == 1);
  CHECK(world.stored("usr_1").runs->empty());
}

TEST_CASE("an event that merges is seen by open waits and starts nothing",
          "[actors][merge]") {
  people world;
  REQUIRE(!world.define(kind::sequence, waiting).failure);
  world.saw("a", {{external, "usr_1"}});
  world.saw("start", {{email, "a@x.com"}});
  world.saw("paid", {{external, "usr_1"}, {email, "a@x.com"}});
  CHECK(world.stored("usr_1").score == 100);
  world.saw("b", {{email, "b@x.com"}});
  world.saw("start", {{external, "usr_1"}, {email, "b@x.com"}});
  CHECK(world.stored("usr_1").runs->empty());
}

TEST_CASE("of two runs of one sequence the survivor's stays, the other is "
          "merged",
          "[actors][merge]") {
  people world;
  REQUIRE(!world.define(kind::sequence, waiting).failure);
  world.saw("start", {{external, "usr_1"}});
  const auto gone = world.saw("start", {{email, "a@x.com"}});
  const auto done = world.saw("b", {{external, "usr_1"}, {email, "a@x.com"}});
  const auto state = world.stored("usr_1");
  REQUIRE(state.runs->size() == 1);
  CHECK(state.runs->front()->number == 1);
  const auto turns = world.look().turns(done.contact, {}, 10);
  const auto& changes = turns->turns.at(1).changes;
  CHECK(std::count_if(changes.begin(), changes.end(),
                      [](const engine::change& what) {
                        const auto* ended
                          = std::get_if<engine::run_ended>(&what);
                        return ended != nullptr && ended->reason == "merged"
                               && ended->status == engine::run_status::exited;
                      })
        == 1);
  for (int i = 0; i < 40; ++i)
    world.time.advance(std::chrono::milliseconds{500});
  CHECK(world.stored("usr_1").score == 1);
  CHECK(world.load(gone.contact).runs->size() == 1); // as it was
}

TEST_CASE("a message to an absorbed contact reaches the survivor once",
          "[actors][merge]") {
  people world;
  // The message is due when the merge is under way: all is sent at once.
  REQUIRE(!world
             .define(kind::sequence, R"({"key":"s","status":"active",
    "reentry":"always","entry":"tell","trigger":{"any":[{"event":"start"}]},
    "nodes":{"tell":{"type":"emit","event":"told","then":"end"},
             "end":{"type":"exit"}}})")
             .failure);
  world.saw("a", {{external, "usr_1"}});
  world.saw("b", {{email, "a@x.com"}});
  for (int i = 0; i < 5; ++i)
    world.see("start", {{email, "a@x.com"}});
  world.see("c", {{external, "usr_1"}, {email, "a@x.com"}});
  for (int i = 0; i < 5; ++i)
    world.see("start", {{email, "a@x.com"}});
  world.time.run();
  for (int i = 0; i < 10; ++i)
    world.time.advance(std::chrono::milliseconds{500});
  const auto events = world.events();
  CHECK(std::count_if(events.begin(), events.end(),
                      [](const auto& turn) {
                        return turn.event->type == "told";
                      })
        == 10);
  CHECK(world.look().inbox(engine::timestamp::max(), {}, 10)->empty());
}

TEST_CASE("a wait that looks back sees the events of who was absorbed",
          "[actors][merge]") {
  people world;
  REQUIRE(!world
             .define(kind::sequence, R"({"key":"s","status":"active",
    "entry":"rest","trigger":{"any":[{"event":"start"}]},
    "nodes":{"rest":{"type":"wait","any":[{"event":"go","then":"back"}],
                     "timeout":"10d","on_timeout":"end"},
             "back":{"type":"wait","any":[{"event":"paid","then":"yes"}],
                     "look_back":"1d","timeout":"1d","on_timeout":"end"},
             "yes":{"type":"update","score_add":1,"then":"end"},
             "end":{"type":"exit"}}})")
             .failure);
  world.saw("start", {{external, "usr_1"}});
  world.saw("paid", {{email, "a@x.com"}});
  // The event that merges is the one that makes the run look back.
  world.saw("go", {{external, "usr_1"}, {email, "a@x.com"}});
  CHECK(world.stored("usr_1").score == 1);
}
