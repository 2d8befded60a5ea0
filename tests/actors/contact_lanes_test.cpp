#include "actors/contact_lanes.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using actors::contact_lanes;
using turn_come = contact_lanes::turn_come;
using engine::contact_id;

namespace {

contact_lanes::key at(std::uint64_t turn) {
  return {engine::destination_id{1}, engine::position{turn}, 0};
}

constexpr contact_id ada{1};
constexpr contact_id bob{2};

} // namespace

TEST_CASE("R33 later deliveries of a contact wait, those of others do not",
          "[actors][lanes]") {
  contact_lanes lanes;
  CHECK(lanes.enter(ada, at(1), false));
  CHECK_FALSE(lanes.enter(ada, at(3), false));
  CHECK_FALSE(lanes.enter(ada, at(2), false));
  CHECK(lanes.enter(bob, at(4), false));
  CHECK(lanes.enter(ada, at(1), true)); // its next attempt
  CHECK_FALSE(lanes.has_ready());
  CHECK(lanes.size() == 4);
  CHECK_FALSE(lanes.leave(ada, at(1)).is_retry);
  CHECK(lanes.next_ready() == turn_come{ada, at(2)});
  CHECK(lanes.is_first(ada, at(2)));
  CHECK_FALSE(lanes.enter(ada, at(3), false)); // found again
  lanes.leave(ada, at(2));
  CHECK(lanes.next_ready() == turn_come{ada, at(3)});
  lanes.leave(ada, at(3));
  CHECK_FALSE(lanes.is_first(ada, at(3)));
  CHECK(lanes.size() == 1);
}

TEST_CASE("what is due by its schedule is not fetched when its turn has come",
          "[actors][lanes]") {
  contact_lanes lanes;
  lanes.enter(ada, at(5), false);
  CHECK_FALSE(lanes.enter(ada, at(1), true));
  CHECK(lanes.waiting_retries() == 1);
  CHECK(lanes.leave(ada, at(5)).is_retry);
  CHECK_FALSE(lanes.has_ready());
  CHECK(lanes.waiting_retries() == 0);
  CHECK(lanes.enter(ada, at(1), true));
}

TEST_CASE("a delivery that ended is remembered no more, though it was not the "
          "first of its contact",
          "[actors][lanes]") {
  contact_lanes lanes;
  lanes.enter(ada, at(1), true);
  lanes.enter(ada, at(2), false); // both under way when they became ordered
  lanes.enter(ada, at(3), true);
  lanes.leave(ada, at(2));
  CHECK(lanes.size() == 2);
  lanes.leave(ada, at(3));
  CHECK(lanes.waiting_retries() == 0);
  lanes.leave(ada, at(1));
  CHECK(lanes.size() == 0);
  CHECK_FALSE(lanes.has_ready());
}

TEST_CASE("one whose turn had come and that was not made is ready again",
          "[actors][lanes]") {
  contact_lanes lanes;
  lanes.enter(ada, at(1), false);
  lanes.enter(ada, at(2), false);
  lanes.again(ada, at(2)); // its turn has not come
  CHECK_FALSE(lanes.has_ready());
  lanes.leave(ada, at(1));
  const auto next = lanes.next_ready();
  REQUIRE(next == turn_come{ada, at(2)});
  CHECK_FALSE(lanes.has_ready());
  lanes.again(next->whose, next->what);
  CHECK(lanes.next_ready() == next);
  lanes.leave(ada, at(2));
  lanes.again(ada, at(2)); // it is over
  CHECK_FALSE(lanes.has_ready());
}

TEST_CASE("one that waits and is then to be tried again is due by its schedule",
          "[actors][lanes]") {
  contact_lanes lanes;
  lanes.enter(ada, at(1), false);
  lanes.enter(ada, at(2), false);
  CHECK_FALSE(lanes.enter(ada, at(2), true));
  CHECK_FALSE(lanes.enter(ada, at(2), true));
  CHECK(lanes.waiting_retries() == 1);
  CHECK(lanes.leave(ada, at(1)).is_retry);
  CHECK(lanes.waiting_retries() == 0);
  CHECK_FALSE(lanes.has_ready());
}

TEST_CASE("one that was made otherwise when its turn had come is due by its "
          "schedule",
          "[actors][lanes]") {
  contact_lanes lanes;
  lanes.enter(ada, at(1), false);
  lanes.enter(ada, at(2), false);
  lanes.leave(ada, at(1));               // the turn of the second has come
  CHECK(lanes.enter(ada, at(2), false)); // and it was found in the outbox
  CHECK(lanes.enter(ada, at(2), true));
  CHECK_FALSE(lanes.next_ready());
  lanes.again(ada, at(2));
  CHECK_FALSE(lanes.has_ready());
  CHECK_FALSE(lanes.enter(ada, at(3), false));
}

TEST_CASE("a contact does not take the room of all, and loses nothing",
          "[actors][lanes]") {
  constexpr std::uint64_t many = 250;
  contact_lanes lanes;
  // The outbox, read on from a place.
  std::uint64_t over = 0;
  const auto read = [&](std::uint64_t from) {
    for (auto turn = from; turn <= many; ++turn)
      lanes.enter(ada, at(turn), false);
  };
  read(1);
  CHECK(lanes.size() == 1 + contact_lanes::waiting_max);
  while (lanes.size() > 0) {
    const auto freed = lanes.leave(ada, at(++over));
    // A later one does not overtake those that were refused.
    if (!freed.refused && over < contact_lanes::waiting_max)
      CHECK_FALSE(lanes.enter(ada, at(many), false));
    if (freed.refused) {
      CHECK(freed.refused == at(over + 1));
      read(over + 1);
    } else if (const auto next = lanes.next_ready()) {
      CHECK(next->what == at(over + 1));
    }
  }
  CHECK(over == many);
}

TEST_CASE("what is due by its schedule always finds room", "[actors][lanes]") {
  contact_lanes lanes;
  for (std::uint64_t turn = 1; turn <= 2 * contact_lanes::waiting_max; ++turn)
    lanes.enter(ada, at(turn), true);
  CHECK(lanes.waiting_retries() == 2 * contact_lanes::waiting_max - 1);
  lanes.enter(ada, at(1000), false);
  CHECK(lanes.size() == 2 * contact_lanes::waiting_max);
}
