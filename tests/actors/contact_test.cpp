#include "tests/support/actor_world.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <utility>

using namespace troupe;
using tests::actor_world;
using kind = messages::definition_change::kind;

TEST_CASE("an event is answered when its turn is durable",
          "[actors][contact]") {
  actor_world world;
  const auto answer = world.send(world.event("order.completed", "usr_1"));
  world.time.run();
  REQUIRE(answer.has_value());
  REQUIRE(!answer->failure);
  CHECK(answer->done.type == "order.completed");
  CHECK(answer->done.external_id == "usr_1");
  CHECK(world.stored("usr_1").seq == 1);
}

TEST_CASE("an event that is lost with its actor is answered all the same",
          "[actors][contact]") {
  actor_world world;
  const auto command = world.event("a", "usr_1");
  const auto& who = command.event.identities.front();
  const auto shard = engine::shard_of(world.store->seed(), command.workspace,
                                      who.kind, who.key);
  const auto waiting = world.send(command);
  caf::anon_send_exit((*world.shards)[shard], caf::exit_reason::kill);
  const auto late = world.send(command);
  world.time.run();
  const auto later = world.send(command);
  world.time.run();
  for (const auto& answer : {waiting, late, later}) {
    REQUIRE(answer.has_value());
    REQUIRE(answer->failure);
    CHECK(answer->failure->name == engine::interrupted().name);
  }
}

TEST_CASE("G35 100 first events of one new contact make one contact",
          "[actors][contact]") {
  actor_world world;
  std::vector<tests::asked<messages::ingest_answer>> answers;
  for (int i = 0; i < 100; ++i)
    answers.push_back(world.send(world.event("a", "usr_1")));
  world.time.run();
  for (const auto& answer : answers) {
    REQUIRE(answer.has_value());
    REQUIRE(!answer->failure);
    CHECK(answer->done.contact == answers.front()->done.contact);
  }
  CHECK(world.stored("usr_1").seq == 100);
}

TEST_CASE("G55 100 calls with one key make one event, the rest are replays",
          "[actors][contact]") {
  actor_world world;
  std::vector<tests::asked<messages::ingest_answer>> answers;
  for (int i = 0; i < 100; ++i)
    answers.push_back(world.send(world.event("a", "usr_1", "key")));
  world.time.run();
  int first = 0;
  for (const auto& answer : answers) {
    REQUIRE(answer.has_value());
    REQUIRE(!answer->failure);
    CHECK(answer->done.turn == answers.front()->done.turn);
    first += answer->done.replayed ? 0 : 1;
  }
  CHECK(first == 1);
  CHECK(world.events().size() == 1);
}

TEST_CASE("G61 a used key with another body is a conflict",
          "[actors][contact]") {
  actor_world world;
  const auto first = world.send(world.event("a", "usr_1", "key"));
  const auto other = world.send(world.event("b", "usr_2", "key"));
  world.time.run();
  REQUIRE(first.has_value());
  REQUIRE(other.has_value());
  const auto& loser = first->failure ? first : other;
  REQUIRE(loser->failure);
  CHECK(loser->failure->name == "idempotency_key_mismatch");
  CHECK(world.events().size() == 1);
}

TEST_CASE("a failed commit is answered, stores nothing, and the next event "
          "starts from the store",
          "[actors][contact]") {
  actor_world world;
  auto failing = true;
  world.store->fails = [&failing](auto) {
    return failing;
  };
  const auto lost = world.send(world.event("a", "usr_1"));
  world.time.run();
  REQUIRE(lost.has_value());
  REQUIRE(lost->failure);
  CHECK(lost->failure->code == engine::errc::storage_unavailable);
  CHECK(world.events().empty());
  failing = false;
  const auto kept = world.send(world.event("a", "usr_1"));
  world.time.run();
  REQUIRE(kept.has_value());
  CHECK(!kept->failure);
  CHECK(world.stored("usr_1").seq == 1);
}

TEST_CASE(
  "K4 a group whose outcome nobody knows is answered so, and nothing of "
  "it is decided again",
  "[actors][contact]") {
  actor_world world;
  auto hidden = true;
  world.store->hides = [&hidden] {
    return std::exchange(hidden, false);
  };
  const auto one = world.send(world.event("a", "usr_1"));
  const auto two = world.send(world.event("a", "usr_2"));
  const auto keyed = world.event("a", "usr_3", "key");
  const auto three = world.send(keyed);
  world.time.run();
  for (const auto& each : {one, two, three}) {
    REQUIRE(each.has_value());
    REQUIRE(each->failure);
    CHECK(each->failure->name == "outcome_unknown");
  }
  const auto again = world.send(keyed);
  world.time.run();
  REQUIRE(again.has_value());
  REQUIRE(!again->failure);
  CHECK(again->done.replayed);
  CHECK(world.events().size() == 3);
}

TEST_CASE(
  "X4 a new contact reads its state after a commit of unknown fate, and "
  "is not refused for an old one",
  "[actors][contact]") {
  actor_world world;
  const auto first = world.send(world.event("a", "usr_1"));
  world.time.run();
  REQUIRE((first.has_value() && !first->failure));
  auto hidden = true;
  world.store->hides = [&hidden] {
    return std::exchange(hidden, false);
  };
  const auto unknown = world.send(world.event("b", "usr_1"));
  world.time.run();
  REQUIRE((unknown.has_value() && unknown->failure));
  const auto before = world.store->commits;
  const auto last = world.send(world.event("c", "usr_1"));
  world.time.run();
  REQUIRE((last.has_value() && !last->failure));
  CHECK(last->done.contact == first->done.contact);
  CHECK(world.store->commits == before + 1);
}

TEST_CASE("an identity that another contact took first goes to that contact",
          "[actors][contact]") {
  actor_world world;
  // Both see the e-mail free; one commit wins, the other decides again.
  auto known = world.event("a", "usr_1");
  known.event.identities.push_back(
    *engine::make_identity(engine::identity_kind::email, "ada@example.com"));
  auto anonymous = world.event("a", "usr_2");
  anonymous.event.identities
    = {*engine::make_identity(engine::identity_kind::email, "ada@example.com")};
  const auto one = world.send(std::move(known));
  const auto two = world.send(std::move(anonymous));
  world.time.run();
  REQUIRE(one.has_value());
  REQUIRE(two.has_value());
  CHECK(!one->failure);
  CHECK(!two->failure);
  CHECK(world.events().size() == 2);
}

TEST_CASE("a sign-up adopts the anonymous contact that has the e-mail",
          "[actors][contact]") {
  actor_world world;
  auto visit = world.event("visit", "x");
  visit.event.identities
    = {*engine::make_identity(engine::identity_kind::email, "ada@example.com")};
  const auto before = world.send(std::move(visit));
  world.time.run();
  auto sign_up = world.event("sign_up", "usr_1");
  sign_up.event.identities.push_back(
    *engine::make_identity(engine::identity_kind::email, "ada@example.com"));
  const auto after = world.send(std::move(sign_up));
  world.time.run();
  REQUIRE(after.has_value());
  CHECK(after->done.contact == before->done.contact);
  CHECK(after->done.warnings.empty());
  CHECK(world.stored("usr_1").seq == 2);
}

TEST_CASE("a contact that slept goes on where it was", "[actors][shard]") {
  actor_world world{1}; // one contact awake per actor of shards
  for (int round = 0; round < 3; ++round) {
    std::vector<tests::asked<messages::ingest_answer>> answers;
    for (int i = 0; i < 600; ++i)
      answers.push_back(
        world.send(world.event("a", "usr_" + std::to_string(i))));
    world.time.run();
    for (const auto& answer : answers) {
      REQUIRE(answer.has_value());
      REQUIRE(!answer->failure);
    }
  }
  for (int i = 0; i < 600; ++i)
    CHECK(world.stored("usr_" + std::to_string(i)).seq == 3);
}

TEST_CASE("a wait that ended before an event ends first", "[actors][contact]") {
  actor_world world;
  REQUIRE(!world
             .define(kind::sequence,
                     R"({"key":"s","status":"active","entry":"w",
    "trigger":{"any":[{"event":"start"}]},
    "nodes":{"w":{"type":"wait","any":[{"event":"go","then":"won"}],
                  "timeout":"10s","on_timeout":"late"},
             "won":{"type":"update","tags_add":["won"],"then":"end"},
             "late":{"type":"update","tags_add":["late"],"then":"end"},
             "end":{"type":"exit"}}})")
             .failure);
  world.send(world.event("start", "usr_1"));
  world.time.run();
  world.time.advance(std::chrono::seconds{5});
  world.send(world.event("start", "usr_2"));
  world.time.run();
  // At 10 s the event of the same instant wins; a microsecond later it loses.
  world.time.advance(std::chrono::seconds{11});
  world.send(world.event("go", "usr_1"));
  world.send(world.event("go", "usr_2"));
  world.time.run();
  world.time.advance(std::chrono::seconds{1});
  CHECK(*world.stored("usr_1").tags == std::vector<std::string>{"late"});
  CHECK(world.stored("usr_1").runs->empty());
}

TEST_CASE("a contact that never came to be does not poison its identity",
          "[actors][shard]") {
  actor_world world{1};
  auto failing = true;
  world.store->fails = [&failing](auto) {
    return failing;
  };
  world.send(world.event("a", "usr_1"));
  world.time.run();
  failing = false;
  // It goes to sleep; the directory still has its id.
  for (int i = 0; i < 600; ++i)
    world.send(world.event("a", "other_" + std::to_string(i)));
  world.time.run();
  const auto answer = world.send(world.event("a", "usr_1"));
  world.time.run();
  REQUIRE(answer.has_value());
  CHECK(!answer->failure);
  CHECK(world.stored("usr_1").seq == 1);
}

TEST_CASE("an identity that left its contact names a new one",
          "[actors][shard]") {
  actor_world world;
  const auto with_email = [&](const std::string& email) {
    auto event = world.event("a", "usr_1");
    event.event.identities.push_back(
      *engine::make_identity(engine::identity_kind::email, email));
    return event;
  };
  const auto by_email = [&](const std::string& email) {
    auto event = world.event("a", "x");
    event.event.identities
      = {*engine::make_identity(engine::identity_kind::email, email)};
    return event;
  };
  world.send(with_email("old@example.com"));
  world.time.run();
  const auto before = world.send(by_email("old@example.com"));
  world.time.run();
  world.send(with_email("new@example.com"));
  world.time.run();
  const auto after = world.send(by_email("old@example.com"));
  world.time.run();
  REQUIRE(before.has_value());
  REQUIRE(after.has_value());
  REQUIRE(!after->failure);
  CHECK(before->done.contact == world.stored("usr_1").id);
  CHECK(after->done.contact != before->done.contact);
}

TEST_CASE("a message for an identity that left its contact reaches a new one",
          "[actors][shard]") {
  actor_world world;
  REQUIRE(!world
             .define(kind::sequence,
                     R"({"key":"s","status":"active","entry":"tell",
    "trigger":{"any":[{"event":"invited"}]},
    "nodes":{"tell":{"type":"emit","event":"referral","then":"end",
                     "contact":{"email":"old@example.com"}},
             "end":{"type":"exit"}}})")
             .failure);
  for (const auto* email : {"old@example.com", "new@example.com"}) {
    auto event = world.event("a", "usr_1");
    event.event.identities.push_back(
      *engine::make_identity(engine::identity_kind::email, email));
    world.send(std::move(event));
    world.time.run();
  }
  world.send(world.event("invited", "usr_2"));
  world.time.run();
  world.time.advance(std::chrono::seconds{1});
  CHECK(world.stored("usr_1").seq == 2);
  for (const auto& turn : world.events())
    if (turn.event->type == "referral")
      CHECK(turn.contact != world.stored("usr_1").id);
}

TEST_CASE("runs start in the newest published version",
          "[actors][definitions]") {
  actor_world world;
  for (const auto* tag : {"one", "two"})
    REQUIRE(
      !world
         .define(kind::sequence, std::string{R"({"key":"s","status":"active",
      "entry":"mark","trigger":{"any":[{"event":"go"}]},
      "nodes":{"mark":{"type":"update","then":"end","tags_add":[")"}
                                   + tag + R"("]},"end":{"type":"exit"}}})")
         .failure);
  world.send(world.event("go", "usr_1"));
  world.time.run();
  CHECK(*world.stored("usr_1").tags == std::vector<std::string>{"two"});
}
