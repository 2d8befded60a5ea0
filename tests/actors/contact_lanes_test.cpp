#include "actors/contact_lanes.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using actors::contact_lanes;
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
  CHECK_FALSE(lanes.leave(ada, at(1)));
  CHECK(lanes.next_ready() == at(2));
  CHECK(lanes.is_first(ada, at(2)));
  CHECK_FALSE(lanes.enter(ada, at(3), false)); // found again
  lanes.leave(ada, at(2));
  CHECK(lanes.next_ready() == at(3));
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
  CHECK_FALSE(lanes.leave(ada, at(1))); // it is not under way
  CHECK(lanes.leave(ada, at(5)));
  CHECK_FALSE(lanes.has_ready());
  CHECK(lanes.waiting_retries() == 0);
  CHECK(lanes.enter(ada, at(1), true));
}
