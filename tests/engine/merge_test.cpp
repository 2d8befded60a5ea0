#include "engine/merge.hpp"
#include "tests/support/same.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

// Contacts by the order in which they were made, on shards that say nothing.
constexpr contact_id made(std::uint64_t order) {
  return contact_id{((256 - order) % 256) << 56 | order << 4};
}

identity_owner owned(const identity& what, std::uint64_t by,
                     bool has_external = false) {
  return {what, by == 0 ? contact_id{} : made(by), has_external};
}

identity anonymous(std::string_view value) {
  return who(identity_kind::anonymous_id, value);
}

const auto user = external("usr_1");
const auto mail = email("a@example.com");
const auto visitor = anonymous("anon-1");

/// "3 <- 1 2": goes to 3, which absorbs 1, then 2; "new" for a new contact.
std::string met(const std::vector<identity_owner>& owners) {
  const auto name = [](contact_id id) {
    return std::to_string((number(id) >> 4) & 0xFFFF);
  };
  const auto out = meet(owners);
  if (out.goes_to == contact_id{})
    return "new";
  auto text = name(out.goes_to);
  for (const auto each : out.absorbed)
    text += (each == out.absorbed.front() ? " <- " : " ") + name(each);
  return text;
}

contact_state holder(std::uint64_t order, std::size_t count) {
  contact_state state;
  state.id = made(order);
  for (std::size_t i = 0; i < count; ++i)
    state.identities.edit().push_back(
      anonymous(std::to_string(order) + "-" + std::to_string(i)));
  return state;
}

} // namespace

TEST_CASE("nobody joins: the event goes where its primary identity is",
          "[merge]") {
  CHECK(met({owned(user, 0)}) == "new");
  CHECK(met({owned(user, 0), owned(mail, 0)}) == "new");
  CHECK(met({owned(user, 1, true), owned(mail, 0)}) == "1");
  CHECK(met({owned(user, 1, true), owned(mail, 1, true)}) == "1");
}

TEST_CASE("G34 who has no external_id joins", "[merge]") {
  CHECK(met({owned(user, 2, true), owned(mail, 1)}) == "2 <- 1");
  CHECK(met({owned(mail, 2), owned(visitor, 1)}) == "1 <- 2");
  CHECK(met({owned(mail, 1), owned(visitor, 2)}) == "1 <- 2");
}

TEST_CASE("G34 B18 of two with an external_id each stays what it is",
          "[merge]") {
  CHECK(met({owned(user, 1, true), owned(mail, 2, true)}) == "1");
  CHECK(met({owned(user, 0), owned(mail, 2, true)}) == "new");
  CHECK(met({owned(mail, 1, true), owned(visitor, 2, true)}) == "1");
}

TEST_CASE("who has no external_id becomes part of the one that has, whoever "
          "the event named first",
          "[merge]") {
  CHECK(met({owned(mail, 1), owned(visitor, 2, true)}) == "2 <- 1");
  // The second one with an external_id is one too many.
  CHECK(met({owned(mail, 1),
             owned(who(identity_kind::phone, "+442012345678"), 2, true),
             owned(visitor, 3, true)})
        == "2 <- 1");
}

TEST_CASE("adopt before merge: a new identity makes no new contact where one "
          "is known",
          "[merge]") {
  CHECK(met({owned(user, 0), owned(mail, 1)}) == "1");
  CHECK(met({owned(user, 0), owned(mail, 2), owned(visitor, 1)}) == "1 <- 2");
  CHECK(met({owned(user, 0), owned(mail, 2, true), owned(visitor, 1)}) == "1");
  CHECK(met({owned(mail, 0), owned(visitor, 1, true)}) == "1");
}

TEST_CASE("who must stay apart joins only as the owner of the primary identity",
          "[merge]") {
  auto apart = owned(mail, 1);
  apart.apart = true;
  CHECK(met({owned(user, 2, true), apart}) == "2");
  CHECK(met({owned(user, 0), apart}) == "new");
  CHECK(met({apart, owned(visitor, 2)}) == "1 <- 2");
}

TEST_CASE("an external_id that is not the primary identity is still its own",
          "[merge]") {
  CHECK(met({owned(mail, 1), owned(user, 2, true)}) == "2 <- 1");
  CHECK(met({owned(mail, 1, true), owned(user, 2, true)}) == "1");
}

TEST_CASE("I5 one contact holds at most 1,000 identities and absorbs as many",
          "[merge]") {
  const auto primary = owned(user, 1, true);
  const auto none = owned(user, 0);
  CHECK(!too_many(std::vector{holder(1, 999), holder(2, 1)}, primary));
  CHECK(too_many(std::vector{holder(1, 999), holder(2, 2)}, primary)
        == made(2));
  CHECK(too_many(std::vector{holder(2, 999), holder(1, 2)}, primary)
        == made(2)); // never the event's own
  CHECK(too_many(std::vector{holder(1, 600), holder(2, 300), holder(3, 101)},
                 primary)
        == made(3));
  // Room for the identity that is adopted.
  CHECK(too_many(std::vector{holder(1, 999), holder(2, 1)}, none) == made(2));
  CHECK(!too_many(std::vector{holder(1, 998), holder(2, 1)}, none));
  auto large = holder(1, 1);
  for (std::uint64_t i = 0; i < 999; ++i)
    large.absorbed.edit().push_back(contact_id{i});
  CHECK(!too_many(std::vector{large, holder(2, 1)}, primary));
  large.absorbed.edit().push_back(contact_id{7});
  CHECK(too_many(std::vector{large, holder(2, 1)}, primary) == made(2));
}

namespace {

/// One that has something of everything, waiting in sequence 1.
stepper rich() {
  stepper one;
  one.publish(sequence_of(R"("w":{"type":"wait","any":[{"event":"paid",
      "then":"early"}],"timeout":"1h","on_timeout":"late"},
    "early":{"type":"update","score_add":100,"then":"end"},
    "late":{"type":"update","score_add":1,"then":"end"},
    "end":{"type":"exit"})",
                          "w"));
  one.publish(sequence(R"({"key":"f","trigger":{"any":[{"event":"fill"}]},
    "entry":"u","nodes":{"u":{"type":"update","score_add":5,
      "set":{"plan":{"var":"event.properties.plan"},"only":"theirs"},
      "tags_add":["b","d"],"then":"end"},"end":{"type":"exit"}}})"),
              2);
  return one;
}

} // namespace

TEST_CASE("a merge takes over what the survivor lacks", "[merge]") {
  auto mine = rich();
  mine.see("fill", R"({"plan":"mine"})", {user, email("mine@example.com")});
  auto theirs = rich();
  theirs.see("fill", R"({"plan":"theirs"})", {mail, visitor});
  theirs.see("go");
  const auto& turn = mine.step(merge_input{theirs.state()});
  CHECK(turn.kind == turn_kind::merge);
  CHECK(turn.email == "mine@example.com");
  const auto& state = mine.state();
  REQUIRE(state.identities->size() == 4);
  CHECK(state.find(identity_kind::email)->key == "mine@example.com");
  CHECK(state.holds(mail.kind, mail.key));
  CHECK(state.attributes->at("plan") == "mine");
  CHECK(state.attributes->at("only") == "theirs");
  CHECK(*state.tags == std::vector<std::string>{"b", "d"});
  CHECK(state.score == 10);
  REQUIRE(state.runs->size() == 1);
  const auto& taken = *state.runs->front();
  CHECK(taken.number == 2);
  CHECK(taken.started_turn == theirs.state().runs->front()->started_turn);
  // Its timer and that of its session are the survivor's, its wait goes on.
  REQUIRE(turn.timers_set.size() == 2);
  CHECK(turn.timers_set.back().visit == session_timer);
  mine.now += 1h;
  mine.fire(turn.timers_set.front());
  CHECK(mine.state().score == 11);
}

TEST_CASE("replaying the survivor's turns gives its state", "[merge]") {
  auto mine = rich();
  mine.see("go", "{}", {user});
  auto theirs = rich();
  theirs.see("go", "{}", {mail});
  auto third = rich();
  third.see("fill", R"({"plan":1})", {visitor});
  theirs.step(merge_input{third.state()});
  mine.step(merge_input{theirs.state()});
  mine.see("paid");
  contact_state replayed;
  for (const auto& turn : mine.turns())
    apply(replayed, turn);
  CHECK(difference(replayed, mine.state()) == "");
}

TEST_CASE("the survivor's run of a sequence stays, the other exits merged",
          "[merge]") {
  auto mine = rich();
  mine.see("go", "{}", {user});
  auto theirs = rich();
  theirs.see("go", "{}", {mail});
  const auto& turn = mine.step(merge_input{theirs.state()});
  REQUIRE(mine.state().runs->size() == 1);
  CHECK(mine.state().runs->front()->number == 1);
  CHECK(turn.timers_set.empty());
  const auto& ended = std::get<run_ended>(turn.changes.back());
  CHECK(ended.status == run_status::exited);
  CHECK(ended.reason == "merged");
}

TEST_CASE("an event that comes with a merge starts nothing; open waits see it",
          "[merge]") {
  auto mine = rich();
  mine.see("go", "{}", {user});
  auto input = event("go");
  input.merged = true;
  CHECK_FALSE(starts_run(mine.step(input)));
  input = event("paid");
  input.merged = true;
  mine.step(input);
  CHECK(mine.state().score == 100);
}

TEST_CASE("an inherited address that an event names is shown from then on",
          "[merge]") {
  auto mine = rich();
  mine.see("e", "{}", {user, email("mine@example.com")});
  auto theirs = rich();
  theirs.see("e", "{}", {mail});
  mine.step(merge_input{theirs.state()});
  CHECK(mine.see("e", "{}", {user, mail}).email == "a@example.com");
  CHECK(mine.state().identities->size() == 3);
  CHECK(mine.see("e", "{}", {user, mail}).changes.empty());
}

TEST_CASE("G28 an own id beside others warns unless it is this contact's",
          "[merge]") {
  auto mine = rich();
  auto theirs = rich();
  mine.see("e", "{}", {user});
  auto gone = theirs.state();
  gone.id = contact_id{77};
  mine.step(merge_input{gone});
  for (const auto& [named, warns] :
       std::vector<std::pair<contact_id, bool>>{{mine.state().id, false},
                                                {contact_id{77}, false},
                                                {contact_id{78}, true},
                                                {contact_id{}, true}}) {
    auto input = event("e", "{}", {user});
    input.event.named = named;
    const auto& turn = mine.step(input);
    REQUIRE(turn.warnings.size() == (warns ? 1 : 0));
    if (warns)
      CHECK(turn.warnings.front().kind == identity_kind::own_id);
  }
}
