// The dispatcher while pages of deliveries are kept back or cannot be read,
// outcomes are lost, and its endpoint is changed meanwhile.
#include "tests/support/sending_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

using namespace troupe;
using tests::page_fate;
using tests::page_kind;
using tests::sending_world;

namespace {

using names = std::vector<std::string>;

constexpr auto paused = R"({"status":"paused"})";
constexpr auto active = R"({"status":"active"})";

// Some deliveries that wait in the outbox of an endpoint.
void hold_back(sending_world& world, const names& contacts) {
  world.set(paused);
  for (const auto& each : contacts)
    world.tell(each);
}

// A page of three deliveries that is asked for and does not come yet.
void ask_for_a_held_page(sending_world& world) {
  hold_back(world, {"ada", "ada", "bob"});
  world.pages->holds = true;
  world.set(active);
  world.wait(2);
}

} // namespace

TEST_CASE("X7 a page of an endpoint that was not ordered does not count when "
          "it is",
          "[actors][dispatcher]") {
  sending_world world{"none"};
  world.tell("ada");
  world.answer("ada 1", 500);
  world.pages->holds = true;
  world.tell("ada");
  world.tell("bob");
  REQUIRE(world.pages->held.size() == 1);
  world.order_by("contact");
  CHECK(world.begun() == names{"ada 1"});
  world.let_go();
  CHECK(world.begun() == names{"ada 1", "bob 1"});
  world.wait(8);
  CHECK(world.begun() == names{"ada 1", "bob 1", "ada 1"});
  world.answer("ada 1", 200);
  CHECK(world.begun().back() == "ada 2");
  world.finish();
  CHECK(world.begun().size() == 4);
}

TEST_CASE("X7 a page of an ordered endpoint is asked for again when it is not "
          "ordered any more",
          "[actors][dispatcher]") {
  sending_world world{"contact"};
  hold_back(world, {"ada", "ada", "ada", "bob"});
  world.pages->holds = true;
  world.set(active);
  world.wait(2); // what is due by its schedule is looked for first
  REQUIRE(world.pages->held.size() == 1);
  world.order_by("none");
  world.let_go();
  CHECK(world.begun() == names{"ada 1", "ada 2", "ada 3", "bob 1"});
  world.finish();
  CHECK(world.begun().size() == 4);
}

TEST_CASE("X7 what waits for its contact goes when its endpoint is not ordered "
          "any more, and later ones wait for it when it is again",
          "[actors][dispatcher]") {
  sending_world world{"contact"};
  for (int i = 0; i < 3; ++i)
    world.tell("ada");
  CHECK(world.begun() == names{"ada 1"});
  world.order_by("none");
  CHECK(world.begun() == names{"ada 1", "ada 2", "ada 3"});
  world.order_by("contact");
  world.tell("ada");
  world.answer("ada 3", 200);
  world.answer("ada 2", 500);
  world.answer("ada 1", 200);
  CHECK(world.begun().size() == 3);
  world.wait(8);
  CHECK(world.begun().size() == 4);
  world.answer("ada 2", 200);
  CHECK(world.begun() == names{"ada 1", "ada 2", "ada 3", "ada 2", "ada 4"});
  world.finish();
  CHECK(world.begun().size() == 5);
}

TEST_CASE("X7 a turn of a lane that has come while its endpoint changed twice "
          "lets nobody overtake what is being retried",
          "[actors][dispatcher]") {
  sending_world world{"none"};
  world.tell("ada");
  world.tell("ada");
  world.order_by("contact");
  world.tell("ada");
  // The turn of the second has come, which is under way already.
  world.pages->holds = true;
  world.answer("ada 1", 200);
  REQUIRE(world.pages->asked.back() == page_kind::one);
  REQUIRE(world.pages->held.size() == 1);
  world.order_by("none");
  world.order_by("contact");
  world.answer("ada 2", 500);
  world.let_go();
  CHECK(world.begun() == names{"ada 1", "ada 2"});
  world.wait(8);
  CHECK(world.begun() == names{"ada 1", "ada 2", "ada 2"});
  world.answer("ada 2", 200);
  CHECK(world.begun().back() == "ada 3");
  world.finish();
}

TEST_CASE("a page that was read before an outcome was stored has nothing sent "
          "twice",
          "[actors][dispatcher]") {
  sending_world world{GENERATE("none", "contact")};
  world.tell("ada");
  world.tell("ada");
  if (world.begun().size() == 2)
    world.answer("ada 2", 200);
  world.answer("ada 1", 500);
  world.wait(8);
  REQUIRE(world.begun().back() == "ada 1");
  // It is due as long as nothing else is stored of it.
  world.pages->holds = true;
  world.wait(1);
  REQUIRE(world.pages->asked.back() == page_kind::retries);
  REQUIRE(world.pages->held.size() == 1);
  world.answer("ada 1", 200);
  world.let_go();
  world.finish();
  CHECK(world.begun().size() == 3);
  CHECK(std::count(world.begun().begin(), world.begun().end(), "ada 1") == 2);
}

TEST_CASE("a page that cannot be read is asked for again",
          "[actors][dispatcher]") {
  const auto kind = GENERATE(page_kind::outbox, page_kind::one,
                             page_kind::retries, page_kind::all_retries);
  const auto fate
    = GENERATE(page_fate::cut, page_fate::failed, page_fate::lost);
  const auto ordering = GENERATE("none", "contact");
  const auto is_of_lanes
    = kind == page_kind::one || kind == page_kind::all_retries;
  CAPTURE(static_cast<int>(kind), static_cast<int>(fate), ordering);
  sending_world world{ordering};
  int failures = 2;
  world.pages->fate = [&](page_kind asked) {
    return asked == kind && failures > 0 && failures-- > 0 ? fate
                                                           : page_fate::whole;
  };
  hold_back(world, {"ada", "ada", "bob", "ada"});
  if (kind == page_kind::all_retries) { // which are known already
    world.order_by("none");
    world.order_by(ordering);
  }
  world.set(active);
  for (int i = 0; i < 20 && world.open().empty(); ++i)
    world.wait(1);
  world.answer(world.open().front(), 500);
  world.finish();
  CHECK(world.begun().size() == 5);
  if (!is_of_lanes || std::string{ordering} == "contact")
    CHECK(failures == 0);
}

TEST_CASE("X7 a turn that has come and whose page cannot be read lets nobody "
          "overtake what is being retried",
          "[actors][dispatcher]") {
  sending_world world{"none"};
  world.tell("ada");
  world.tell("ada");
  world.order_by("contact");
  world.tell("ada");
  auto failing = true;
  world.pages->fate = [&](page_kind asked) {
    return failing && asked == page_kind::one ? page_fate::failed
                                              : page_fate::whole;
  };
  world.answer("ada 1", 200); // the second is under way already
  failing = false;
  world.answer("ada 2", 500);
  CHECK(world.begun() == names{"ada 1", "ada 2"});
  world.wait(8);
  CHECK(world.begun() == names{"ada 1", "ada 2", "ada 2"});
  world.finish();
  CHECK(world.begun().back() == "ada 3");
}

TEST_CASE("X7 a turn that has come while the outbox is read from its beginning "
          "lets nobody overtake what is being retried",
          "[actors][dispatcher]") {
  sending_world world{"contact", 2};
  world.tell("ada");
  world.tell("ada");
  world.tell("ada");
  // An outcome that is lost has the outbox read again.
  world.tell("bob");
  world.pages->holds = true;
  world.store->loses = [](auto outcomes) {
    return !outcomes.empty();
  };
  world.answer("bob 1", 200);
  world.store->loses = [](auto) {
    return false;
  };
  world.answer("ada 1", 200);
  world.let_go();
  for (int i = 0; i < 10; ++i) {
    world.wait(1);
    for (const auto call : world.open())
      world.answer(call, world.begun()[call] == "ada 2" && i < 2 ? 500 : 200);
  }
  world.finish();
}

TEST_CASE("X7 what a contact has beyond what may wait stays in the outbox, and "
          "goes in its order",
          "[actors][dispatcher]") {
  sending_world world{"contact"};
  constexpr int many = 250;
  for (int i = 0; i < many; ++i)
    world.send(world.event("a", "ada"));
  world.time.run();
  while (!world.open().empty())
    world.answer(world.open().front(), 200);
  CHECK(world.begun().size() == many);
  CHECK(world.unsettled() == 0);
}

TEST_CASE("a page that arrives while its endpoint is paused is held, and goes "
          "once when it is active",
          "[actors][dispatcher]") {
  sending_world world{GENERATE("none", "contact")};
  ask_for_a_held_page(world);
  REQUIRE(world.pages->held.size() == 1);
  world.set(paused);
  world.let_go();
  world.wait(10);
  CHECK(world.begun().empty());
  world.set(active);
  world.wait(2);
  CHECK(!world.begun().empty());
  world.finish();
  CHECK(world.begun().size() == 3);
}

TEST_CASE("a page that arrives when its endpoint was paused and is active "
          "again has nothing sent twice",
          "[actors][dispatcher]") {
  sending_world world{GENERATE("none", "contact")};
  ask_for_a_held_page(world);
  world.set(paused);
  world.set(active);
  world.let_go();
  world.finish();
  CHECK(world.begun().size() == 3);
}

TEST_CASE("G67 an endpoint that wants no more while a page is on its way is "
          "sent no more; the rest goes when it is active again",
          "[actors][dispatcher]") {
  sending_world world{GENERATE("none", "contact")};
  world.tell("ada");
  world.pages->holds = true;
  world.tell("ada");
  world.tell("bob");
  world.answer("ada 1", 410);
  world.let_go();
  world.wait(30);
  CHECK(world.begun() == names{"ada 1"});
  world.set(active);
  world.finish();
  CHECK(world.begun() == names{"ada 1", "ada 2", "bob 1"});
}

TEST_CASE("what is under way when its endpoint is removed is stored, and "
          "nothing more begins",
          "[actors][dispatcher]") {
  sending_world world{GENERATE("none", "contact")};
  world.tell("ada");
  world.tell("bob");
  world.pages->holds = true;
  world.tell("ada");
  world.tell("cyd");
  world.remove();
  world.answer("ada 1", 200);
  world.answer("bob 1", 500);
  world.let_go();
  world.wait(30);
  CHECK(world.begun() == names{"ada 1", "bob 1"});
  CHECK(world.unsettled() == 3);
}

TEST_CASE("an outcome that could not be stored has its delivery made again, "
          "and later ones of its contact wait for it",
          "[actors][dispatcher]") {
  sending_world world{"contact"};
  const auto status = GENERATE(200L, 500L);
  const auto is_retry = GENERATE(false, true);
  CAPTURE(status, is_retry);
  world.tell("ada");
  world.tell("ada");
  if (is_retry) {
    world.answer("ada 1", 500);
    world.wait(8);
    REQUIRE(world.begun() == names{"ada 1", "ada 1"});
  }
  const auto before = world.begun().size();
  int lost = 0;
  world.store->loses = [&](auto outcomes) {
    return !outcomes.empty() && ++lost <= 3;
  };
  for (int i = 0; i < 3; ++i) {
    world.answer("ada 1", status);
    world.wait(1);
    REQUIRE(world.begun().size() == before + 1 + static_cast<std::size_t>(i));
    CHECK(world.begun().back() == "ada 1");
  }
  CHECK(lost == 3);
  world.answer("ada 1", 200);
  CHECK(world.begun().back() == "ada 2");
  world.finish();
  CHECK(world.begun().size() == before + 4);
}

TEST_CASE("X4 an outcome of which nobody knows whether it is stored is stored "
          "again, and its call is not made again",
          "[actors][dispatcher]") {
  sending_world world{"contact"};
  const auto was_written = GENERATE(false, true);
  const auto is_retry = GENERATE(false, true);
  CAPTURE(was_written, is_retry);
  world.tell("ada");
  world.tell("ada");
  if (is_retry) {
    world.answer("ada 1", 500);
    world.wait(8);
  }
  auto expected = world.begun();
  auto unheard = 2;
  auto is_away = false; // what is refused then may be stored for all that
  const auto is_lost = [&] {
    return unheard > 0 && unheard-- > 0;
  };
  world.store->loses = [&](auto outcomes) {
    return is_away && !outcomes.empty();
  };
  world.store->loses_unheard = [&](auto outcomes) {
    return !was_written && !outcomes.empty() && is_lost();
  };
  world.store->hides = [&] {
    return was_written && is_lost();
  };
  world.answer("ada 1", 200);
  is_away = true;
  world.wait(3);
  is_away = false;
  CHECK(world.begun() == expected);
  world.wait(3);
  CHECK(unheard == 0);
  expected.emplace_back("ada 2");
  CHECK(world.begun() == expected);
  world.finish();
  CHECK(world.begun() == expected);
}

TEST_CASE("X4 calls that are made again and may have arrived are counted",
          "[actors][dispatcher]") {
  sending_world world{"none"};
  const auto& uncertain = world.counters->deliveries_uncertain;
  world.tell("ada");
  world.answer("ada 1", 500);
  CHECK(uncertain == 0); // it was refused
  world.wait(8);
  world.answer("ada 1", 0);
  CHECK(uncertain == 1);
  bool is_lost = false;
  world.store->loses = [&](auto outcomes) {
    return !outcomes.empty() && !std::exchange(is_lost, true);
  };
  world.tell("bob");
  world.answer("bob 1", 200);
  REQUIRE(is_lost);
  CHECK(uncertain == 2);
  world.finish();
  CHECK(uncertain == 2);
}

TEST_CASE("X4 what was held before its endpoint was active is not uncertain",
          "[actors][dispatcher]") {
  tests::actor_world world;
  using kind = messages::definition_change::kind;
  const auto made
    = world.define(kind::webhook, R"({"url":"https://example.com/",
    "events":["a"],"status":"paused"})");
  REQUIRE(!made.failure);
  world.send(world.event("a", "ada"));
  world.time.run();
  world.time.advance(std::chrono::seconds{2});
  const std::string endpoint{made.shown.at("id").as_string()};
  REQUIRE(!world.define(kind::changed_webhook, active, endpoint).failure);
  world.time.run();
  REQUIRE(world.calls.size() == 1);
  CHECK(world.counters->deliveries_uncertain == 0);
}

TEST_CASE("X4 what no call was made for is not uncertain",
          "[actors][dispatcher]") {
  tests::actor_world world{400, engine::workspace_kind::test};
  REQUIRE(!world
             .define(messages::definition_change::kind::webhook,
                     R"({"url":"https://example.com/","events":["a"]})")
             .failure);
  auto is_lost = false;
  world.store->loses = [&](auto outcomes) {
    return !outcomes.empty() && !std::exchange(is_lost, true);
  };
  world.send(world.event("a", "ada"));
  world.time.run();
  REQUIRE(is_lost);
  CHECK(world.calls.empty());
  CHECK(world.counters->deliveries_uncertain == 0);
}
