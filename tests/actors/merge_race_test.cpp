// Merges that meet each other, load, failures and repeats.
#include "tests/support/people.hpp"
#include "tests/support/random_values.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace troupe;
using namespace troupe::tests;
using kind = messages::definition_change::kind;

namespace {

using answer = asked<messages::ingest_answer>;

} // namespace

TEST_CASE("two shards that claim one e-mail at once: one has it, the other is "
          "told",
          "[actors][merge]") {
  people world;
  std::vector<answer> answers;
  for (int i = 0; i < 8; ++i)
    answers.push_back(world.see(
      "a", {{external, "usr_" + std::to_string(i)}, {email, "one@x.com"}}));
  world.time.run();
  int owners = 0;
  for (const auto& each : answers) {
    REQUIRE(each.has_value());
    REQUIRE(!each->failure);
    owners += each->done.warnings.empty() ? 1 : 0;
  }
  CHECK(owners == 1);
  CHECK(world.events().size() == 8);
}

TEST_CASE("I5 crossing merges end in the same survivor", "[actors][merge]") {
  people world{GENERATE(std::size_t{1}, std::size_t{400})};
  constexpr int many = 5;
  std::vector<engine::contact_id> contacts;
  const auto address = [](int i) {
    return "c" + std::to_string(i) + "@x.com";
  };
  const auto browser = [](int i) {
    return "anon-" + std::to_string(i);
  };
  for (int i = 0; i < many; ++i) {
    contacts.push_back(
      world.saw("a", {{email, address(i)}, {anonymous, browser(i)}}).contact);
    world.time.advance(std::chrono::milliseconds{1});
  }
  // Two that name each other, and a ring of three.
  std::vector<answer> answers;
  for (const auto& [from, to] :
       std::vector<std::pair<int, int>>{{0, 1}, {1, 0}, {2, 3}, {3, 4}, {4, 2}})
    answers.push_back(
      world.see("cross", {{email, address(from)}, {anonymous, browser(to)}}));
  world.time.run();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE(answers[i].has_value());
    REQUIRE(!answers[i]->failure);
  }
  for (int i = 0; i < many; ++i) {
    const auto survivor = contacts[i < 2 ? 0 : 2];
    CHECK(world.owner(email, address(i)) == survivor);
    CHECK(world.owner(anonymous, browser(i)) == survivor);
  }
  CHECK(world.events().size() == many + answers.size());
}

TEST_CASE("merges under load lose no event and count none twice",
          "[actors][merge]") {
  const auto seed = test::test_seed();
  CAPTURE(seed);
  test::dice from{seed};
  people world{GENERATE(std::size_t{1}, std::size_t{400})};
  REQUIRE(!world
             .define(kind::sequence, R"({"key":"count","status":"active",
    "reentry":"always","trigger":{"any":[{"event":"scored"}]},"entry":"add",
    "nodes":{"add":{"type":"update","score_add":1,"then":"echo"},
             "echo":{"type":"emit","event":"echoed","then":"end"},
             "end":{"type":"exit"}}})")
             .failure);
  std::vector<answer> answers;
  for (int round = 0; round < 20; ++round) {
    for (auto n = 1 + from.below(30); n > 0; --n) {
      identity_list who;
      const auto pick = [&](const char* prefix) {
        return prefix + std::to_string(from.below(6));
      };
      if (from.chance(10))
        who.emplace_back(external, pick("usr_"));
      if (from.chance(50))
        who.emplace_back(email, pick("e") + "@x.com");
      if (who.empty() || from.chance(60))
        who.emplace_back(anonymous, pick("anon-"));
      answers.push_back(world.see("seen", who));
    }
    world.time.run();
    world.time.advance(std::chrono::milliseconds{700});
  }
  std::set<engine::position> turns;
  for (const auto& each : answers) {
    REQUIRE(each.has_value());
    if (each->failure)
      CHECK(each->failure->name == "contact_contended");
    else
      CHECK(turns.insert(each->done.turn).second);
  }
  CHECK(turns.size() + 5 > answers.size());
  const auto events = world.events();
  REQUIRE(events.size() == turns.size());
  for (const auto& each : events)
    CHECK(turns.contains(each.stamp.turn));
}

TEST_CASE("a merge whose commit fails leaves both as they were",
          "[actors][merge]") {
  people world;
  const auto one = world.saw("a", {{external, "usr_1"}});
  const auto two = world.saw("b", {{email, "a@x.com"}});
  auto failing = true;
  world.store->fails = [&failing](auto) {
    return failing;
  };
  const auto failed = world.see("c", {{external, "usr_1"}, {email, "a@x.com"}});
  world.time.run();
  REQUIRE(failed.has_value());
  CHECK(failed->failure);
  failing = false;
  CHECK(world.owner(email, "a@x.com") == two.contact);
  CHECK(world.saw("d", {{email, "a@x.com"}}).contact == two.contact);
  CHECK(world.saw("e", {{external, "usr_1"}}).contact == one.contact);
  CHECK(world.saw("c", {{external, "usr_1"}, {email, "a@x.com"}}).contact
        == one.contact);
  CHECK(world.owner(email, "a@x.com") == one.contact);
}

TEST_CASE("X4 a merge of which nobody knew that it was made is found when its "
          "contacts meet again",
          "[actors][merge]") {
  people world;
  auto first = std::pair{email, std::string{"a@x.com"}};
  auto second = std::pair{anonymous, std::string{"anon-1"}};
  if (GENERATE(false, true))
    std::swap(first, second);
  const auto one = world.saw("a", {first});
  world.time.advance(std::chrono::milliseconds{1});
  world.saw("b", {second});
  auto hidden = true;
  world.store->hides = [&hidden] {
    return std::exchange(hidden, false);
  };
  const auto merged = world.see("c", {first, second});
  world.time.run();
  REQUIRE(merged.has_value());
  REQUIRE(merged->failure);
  CHECK(merged->failure->name == "outcome_unknown");
  REQUIRE(world.owner(second.first, second.second) == one.contact);
  CHECK(world.saw("d", {second, first}).contact == one.contact);
  CHECK(world.saw("e", {first, second}).contact == one.contact);
}

TEST_CASE("G57 G61 a repeat after a merge gets the first answer, and never "
          "causes one",
          "[actors][merge]") {
  people world;
  world.saw("a", {{external, "usr_1"}});
  const auto first = world.saw("b", {{email, "a@x.com"}}, "key");
  const auto mismatch
    = world.see("c", {{external, "usr_1"}, {email, "a@x.com"}}, "key");
  world.time.run();
  REQUIRE(mismatch.has_value());
  REQUIRE(mismatch->failure);
  CHECK(mismatch->failure->name == "idempotency_key_mismatch");
  CHECK(world.owner(email, "a@x.com") == first.contact);
  world.saw("c", {{external, "usr_1"}, {email, "a@x.com"}}, "other");
  CHECK(world.owner(email, "a@x.com") != first.contact);
  const auto again = world.saw("b", {{email, "a@x.com"}}, "key");
  CHECK(again.replayed);
  CHECK(again.contact == first.contact);
  CHECK(again.turn == first.turn);
  const auto merged
    = world.saw("c", {{external, "usr_1"}, {email, "a@x.com"}}, "other");
  CHECK(merged.replayed);
}

TEST_CASE("a hundred repeats of the event that merges are one event",
          "[actors][merge]") {
  people world;
  world.saw("a", {{external, "usr_1"}});
  world.saw("b", {{email, "a@x.com"}});
  std::vector<answer> answers;
  for (int i = 0; i < 100; ++i)
    answers.push_back(
      world.see("c", {{external, "usr_1"}, {email, "a@x.com"}}, "key"));
  world.time.run();
  int first = 0;
  for (const auto& each : answers) {
    REQUIRE(each.has_value());
    REQUIRE(!each->failure);
    CHECK(each->done.turn == answers.front()->done.turn);
    first += each->done.replayed ? 0 : 1;
  }
  CHECK(first == 1);
  CHECK(world.events().size() == 3);
}
