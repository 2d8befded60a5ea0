#include "engine/json_text.hpp"
#include "persistence/codec.hpp"
#include "tests/support/random_values.hpp"
#include "tests/support/same.hpp"

#include <catch2/catch.hpp>

#include <iostream>

using namespace troupe;
using namespace troupe::test;
using persistence::decode_event;
using persistence::decode_state;
using persistence::decode_turn;
using persistence::encode_state;
using persistence::encode_turn;

namespace {

engine::turn columns_of(const engine::turn& whole) {
  engine::turn columns;
  columns.workspace = whole.workspace;
  columns.contact = whole.contact;
  columns.kind = whole.kind;
  columns.stamp = whole.stamp;
  return columns;
}

std::string mutated(std::string bytes, dice& from) {
  for (auto n = 1 + from.below(4); n > 0 && !bytes.empty(); --n) {
    const auto at = from.below(bytes.size());
    switch (from.below(4)) {
      case 0:
        bytes[at] = static_cast<char>(from.below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << from.below(8)));
        break;
      case 2:
        bytes.insert(at, 1, static_cast<char>(from.below(256)));
        break;
      default:
        bytes.erase(at, 1 + from.below(3));
        break;
    }
  }
  return bytes;
}

} // namespace

TEST_CASE("every field of a turn comes back from its payload", "[codec]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  random_values random{from};
  for (int round = 0; round < 3000; ++round) {
    auto made = random.turn();
    made.workspace = engine::workspace_id{3};
    made.contact = engine::contact_id{4};
    made.stamp.seq = 5;
    const auto back = decode_turn(columns_of(made), encode_turn(made));
    REQUIRE(back);
    REQUIRE(difference(made, *back) == "");
  }
}

TEST_CASE("who reads the event of a turn alone reads the same event",
          "[codec]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  random_values random{from};
  for (int round = 0; round < 3000; ++round) {
    const auto made = random.turn();
    const auto back = decode_event(columns_of(made), encode_turn(made));
    REQUIRE(back);
    engine::turn expected;
    expected.event = made.event;
    engine::turn read;
    read.event = back->event;
    REQUIRE(difference(expected, read) == "");
    REQUIRE(back->kind == made.kind);
  }
  CHECK_FALSE(decode_event({}, "\x7f"));
}

TEST_CASE("every kind of change comes back from a payload", "[codec]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  random_values random{from};
  for (std::size_t kind = 0; kind < std::variant_size_v<engine::change>; ++kind)
    for (int round = 0; round < 300; ++round) {
      engine::turn made;
      made.changes.push_back(random.change(kind));
      const auto back = decode_turn({}, encode_turn(made));
      REQUIRE(back);
      REQUIRE(back->changes.size() == 1);
      REQUIRE(back->changes[0].index() == kind);
      REQUIRE(difference(made, *back) == "");
    }
}

TEST_CASE("every field of a state comes back from its snapshot", "[codec]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  random_values random{from};
  for (int round = 0; round < 3000; ++round) {
    const auto made = random.state();
    const auto back = decode_state(encode_state(made));
    REQUIRE(back);
    REQUIRE(difference(made, *back) == "");
    REQUIRE(persistence::state_hash(*back) == persistence::state_hash(made));
  }
}

TEST_CASE("numbers of attributes are the same after any number of loads",
          "[codec]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  random_values random{from};
  for (int round = 0; round < 20'000; ++round) {
    const auto number = random.finite();
    engine::turn made;
    made.changes.push_back(engine::attribute_set{"n", number});
    const auto back = decode_turn({}, encode_turn(made));
    REQUIRE(back);
    const auto& value = std::get<engine::attribute_set>(back->changes[0]).value;
    CAPTURE(number);
    REQUIRE(value.to_number<double>() == number);
  }
}

TEST_CASE("what a rule can compute never makes a contact unreadable",
          "[codec]") {
  const auto value = GENERATE_COPY(
    as<boost::json::value>{}, 1e20, -1.5e300, 5e-324, -0.0,
    std::numeric_limits<std::uint64_t>::max(),
    std::numeric_limits<std::int64_t>::min(),
    [] {
      boost::json::value nested = 1;
      for (int i = 0; i < 200; ++i)
        nested = boost::json::array{std::move(nested)};
      return nested;
    }(),
    [] {
      boost::json::object wide;
      for (int i = 0; i < 1000; ++i)
        wide[std::to_string(i)] = i;
      return boost::json::value(wide);
    }());
  CAPTURE(engine::to_json(value));
  engine::turn made;
  made.changes.push_back(engine::attribute_set{"n", value});
  REQUIRE(decode_turn({}, encode_turn(made)));
  engine::contact_state state;
  engine::apply(state, made);
  const auto back = decode_state(encode_state(state));
  REQUIRE(back);
  CHECK(encode_state(*back) == encode_state(state));
}

TEST_CASE("equal states hash equal however their members came", "[codec]") {
  engine::contact_state one;
  one.attributes.edit() = {{"a", 1}, {"b", 2}, {"c", 3}};
  engine::contact_state two;
  two.attributes.edit() = {{"c", 3}, {"x", 0}, {"a", 1}, {"b", 2}};
  two.attributes.edit().erase("x");
  CHECK(persistence::state_hash(one) == persistence::state_hash(two));
  two.attributes.edit()["a"] = 4;
  CHECK(persistence::state_hash(one) != persistence::state_hash(two));
}

TEST_CASE("a payload that was cut anywhere is refused", "[codec]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  random_values random{from};
  for (int round = 0; round < 30; ++round) {
    const auto turn = encode_turn(random.turn());
    for (std::size_t size = 0; size < turn.size(); ++size)
      REQUIRE_FALSE(decode_turn({}, std::string_view{turn}.substr(0, size)));
    REQUIRE_FALSE(decode_turn({}, turn + "x"));
    const auto state = encode_state(random.state());
    for (std::size_t size = 0; size < state.size(); ++size)
      REQUIRE_FALSE(decode_state(std::string_view{state}.substr(0, size)));
    REQUIRE_FALSE(decode_state(state + "x"));
  }
}

TEST_CASE("damaged bytes give an error or a value that can be stored again",
          "[codec]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  random_values random{from};
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto turn
      = decode_turn({}, mutated(encode_turn(random.turn()), from));
    if (turn)
      REQUIRE(decode_turn({}, encode_turn(*turn)));
    const auto state
      = decode_state(mutated(encode_state(random.state()), from));
    if (state)
      REQUIRE(decode_state(encode_state(*state)));
    refused += (turn ? 0 : 1) + (state ? 0 : 1);
  }
  CHECK(refused > 5'000);
}

TEST_CASE("a layout this release does not know is refused", "[codec]") {
  auto turn = encode_turn({});
  turn[0] = 2;
  CHECK(decode_turn({}, turn).failure().name == "turn_damaged");
  auto state = encode_state({});
  state[1] = 1; // sealed by a key
  CHECK(decode_state(state).failure().name == "state_damaged");
}
