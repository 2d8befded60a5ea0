// The stored layout, byte for byte: what one release wrote every later one
// reads. A change here needs a new layout version, never new bytes below.
#include "persistence/codec.hpp"
#include "tests/support/events.hpp"
#include "tests/support/same.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::engine;
using namespace std::chrono_literals;

namespace {

std::string hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

/// A turn with one of everything.
turn whole_turn() {
  turn made;
  made.definitions_version = 300;
  made.hops = 2;
  made.nodes_entered = 3;
  made.event = record("order.paid", R"({"n":1.5})");
  made.event->from = door::native;
  made.event->occurred_at = noon;
  made.key = idempotency{1, 0xFFFF'FFFF'FFFF'FFFF, 3};
  made.fired = timer{noon + 1h, 1, 2};
  made.consumed = inbox_id{4, 5};
  made.changes = {identity_attached{email("Ada@Example.com")},
                  identity_detached{identity_kind::phone, "+441"},
                  attribute_set{"plan", json(R"({"b":[1,null],"a":0.1})")},
                  tag_added{"vip"},
                  tag_removed{"new"},
                  score_added{-10},
                  run_started{7, 1, sequence_id{9}, 2, "k", {{"v", 1}}},
                  run_moved{7, "rest", "then", noon + 1h, 2},
                  run_counted{7, 1},
                  run_ended{7, run_status::exited, "why"}};
  made.trace = {{rule::filter, true, sequence_id{9}, 7, "in"}};
  made.warnings = {{"identity_conflict", identity_kind::email}};
  made.matched = {destination_id{200}};
  made.sends = {{destination_id{70}, 7, 1, "hello", {{"text", "Hi"}}}};
  made.messages = {{external("usr_2"), "told", "{}", 3}};
  made.timers_set = {{noon + 2h, 7, 2}};
  made.timers_cleared = {{noon - 1h, 7, 1}};
  made.external_id = "usr_1";
  made.email = "Ada@Example.com";
  made.failure = "none";
  return made;
}

contact_state whole_state() {
  contact_state state;
  state.workspace = workspace_id{3};
  state.id = contact_id{0xFE00'0000'0000'0001};
  state.seq = 129;
  state.last_at = noon;
  state.last_turn = position{1000};
  state.skip_turn = position{900};
  state.runs_started = 8;
  state.score = -5;
  state.identities.edit() = {external("usr_1"), email("Ada@Example.com")};
  state.attributes.edit() = {{"b", 1}, {"a", json("[0.1,null]")}};
  state.tags.edit() = {"new", "vip"};
  run live;
  live.number = 7;
  live.sequence = sequence_id{9};
  live.version = 2;
  live.node = "rest";
  live.visit = 3;
  live.ordinal = 1;
  live.started_turn = position{950};
  live.started_at = noon - 1h;
  live.entered_at = noon;
  live.wake_at = noon + 1h;
  live.counts = {0, 300};
  live.re_entry_key = "k";
  live.vars = {{"v", 1}};
  state.runs.edit().emplace_back(std::move(live));
  state.entries.edit() = {{sequence_id{9}, "k", noon - 1h, noon}};
  return state;
}

/// A merge, with one of everything that it takes over.
turn merge_turn() {
  auto taken = **whole_state().runs->begin();
  taken.number = 9;
  turn made;
  made.definitions_version = 300;
  made.changes = {contact_absorbed{contact_id{0xFE00'0000'0000'0002},
                                   40,
                                   position{990},
                                   {contact_id{0x0100'0000'0000'0003}}},
                  identity_inherited{email("Bea@Example.com")},
                  entry_inherited{{sequence_id{9}, "k", noon - 2h, noon - 1h}},
                  run_inherited{copy_on_write{std::move(taken)}, 7}};
  made.timers_set = {{noon + 1h, 9, 3}};
  made.external_id = "usr_1";
  return made;
}

constexpr auto turn_bytes
  = "0100ff1fac020203057573725f310f416461404578616d706c652e636f6d0a6f72646572"
    "2e70616964010180c0f8daa6fda5060009097b226e223a312e357d0100000000000000ff"
    "ffffffffffffff030000000000000080d095c4c1fda50601020400000000000000050000"
    "00000000000a00020f616461406578616d706c652e636f6d0f416461404578616d706c65"
    "2e636f6d0103042b3434310204706c616e167b2262223a5b312c6e756c6c5d2c2261223a"
    "302e317d030376697004036e657705130607010902016b077b2276223a317d0707047265"
    "7374047468656e0180d095c4c1fda5060208070109070303776879010201090702696e01"
    "116964656e746974795f636f6e666c6963740201c801014607010568656c6c6f0d7b2274"
    "657874223a224869227d010101057573725f320004746f6c64027b7d030180e0b2addcfd"
    "a50607020180b0dbf18bfda5060701046e6f6e65";
constexpr auto merge_bytes
  = "01009008ac020000057573725f3100040d02000000000000fe28de070103000000000000"
    "010a020f626561406578616d706c652e636f6d0f426561404578616d706c652e636f6d0c"
    "09016b80a0be88f1fca50680b0dbf18bfda5060b09090204726573740301b60780b0dbf1"
    "8bfda50680c0f8daa6fda5060180d095c4c1fda5060200ac02016b077b2276223a317d07"
    "0180d095c4c1fda506090300";
constexpr auto state_bytes
  = "01000301000000000000fe810180c0f8daa6fda506e807840708090201057573725f3100"
    "020f616461406578616d706c652e636f6d0f416461404578616d706c652e636f6d167b22"
    "61223a5b302e312c6e756c6c5d2c2262223a317d02036e65770376697001070902047265"
    "73740301b60780b0dbf18bfda50680c0f8daa6fda5060180d095c4c1fda5060200ac0201"
    "6b077b2276223a317d0109016b80b0dbf18bfda50680c0f8daa6fda506";

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<char>(
      std::stoi(std::string{text.substr(i, 2)}, nullptr, 16)));
  return out;
}

} // namespace

TEST_CASE("a turn is stored as it always was", "[golden]") {
  CHECK(hex(persistence::encode_turn(whole_turn())) == turn_bytes);
  const auto back = persistence::decode_turn({}, unhex(turn_bytes));
  REQUIRE(back);
  CHECK(difference(*back, whole_turn()) == "");
}

TEST_CASE("a merge is stored as it always was", "[golden]") {
  CHECK(hex(persistence::encode_turn(merge_turn())) == merge_bytes);
  const auto back = persistence::decode_turn({}, unhex(merge_bytes));
  REQUIRE(back);
  CHECK(difference(*back, merge_turn()) == "");
}

TEST_CASE("a state that absorbed others and holds paused runs is stored as it "
          "always was",
          "[golden]") {
  auto state = whole_state();
  state.absorbed.edit() = {contact_id{0x0100'0000'0000'0003}};
  state.paused.edit() = {4};
  const auto bytes = "02" + std::string{state_bytes}.substr(2)
                     + "010300000000000001"
                       "0104";
  CHECK(hex(persistence::encode_state(state)) == bytes);
  const auto back = persistence::decode_state(unhex(bytes));
  REQUIRE(back);
  CHECK(difference(*back, state) == "");
}

TEST_CASE("a state that counts sends and has overdue runs is stored as it "
          "always was",
          "[golden]") {
  auto state = whole_state();
  state.overdue.edit() = {7};
  state.sends.edit() = {{sequence_id{300}, destination_id{70}, noon}};
  const auto bytes = "03" + std::string{state_bytes}.substr(2)
                     + "0000"
                       "0107"
                       "01ac024680c0f8daa6fda506";
  CHECK(hex(persistence::encode_state(state)) == bytes);
  const auto back = persistence::decode_state(unhex(bytes));
  REQUIRE(back);
  CHECK(difference(*back, state) == "");
}

TEST_CASE("what caps and pauses change is stored as it always was",
          "[golden]") {
  turn made;
  made.changes
    = {send_counted{{sequence_id{300}, destination_id{70}, noon}, noon - 1h},
       run_overdue{7}};
  const std::string bytes = "01001000000000000210ac024680c0f8daa6fda50680b0db"
                            "f18bfda5061107";
  CHECK(hex(persistence::encode_turn(made)) == bytes);
  const auto back = persistence::decode_turn({}, unhex(bytes));
  REQUIRE(back);
  CHECK(difference(*back, made) == "");
}

TEST_CASE("what is kept for segments is stored as it always was", "[golden]") {
  const tally held{tally_id{0x0807060504030201},
                   duration{60'000'000},
                   true,
                   3,
                   2.5,
                   noon,
                   {{noon, 2, 1.5}}};
  auto state = whole_state();
  auto& kept = state.segments.edit();
  kept.known_tallies = 1;
  kept.known_segments = 2;
  kept.tallies = {copy_on_write{held}};
  kept.in = {segment_id{300}};
  kept.wake_at = noon;
  const auto encoded = persistence::encode_state(state);
  const std::string tally_bytes
    = "0102030405060708809c9c39010300000000000004400180c0f8daa6fda506"
      "0180c0f8daa6fda50602000000000000f83f";
  CHECK(hex(encoded)
        == "04" + std::string{state_bytes}.substr(2)
             + "00000000"
               "01000000000000000200000000000000"
               "01"
             + tally_bytes + "01ac020180c0f8daa6fda506");
  const auto back = persistence::decode_state(encoded);
  REQUIRE(back);
  CHECK(difference(*back, state) == "");
  turn made;
  made.changes = {tallies_begun{1, {held}, {tally_id{2}}},
                  event_tallied{noon, {{tally_id{3}, duration{1}, false, 0.5}}},
                  segment_moved{segment_id{300}, true},
                  segments_reviewed{4},
                  segment_wake_set{noon},
                  timer_dropped{{noon, 0, 1}}};
  CHECK(hex(persistence::encode_turn(made))
        == "010010000000000006"
           "12010000000000000001"
             + tally_bytes
             + "010200000000000000"
               "1380c0f8daa6fda5060103000000000000000200000000000000e03f"
               "14ac0201"
               "150400000000000000"
               "160180c0f8daa6fda506"
               "1780c0f8daa6fda5060001");
}

TEST_CASE("a state with choices of what is sent, and a turn that makes one, "
          "are stored as they always were",
          "[golden]") {
  auto state = whole_state();
  const preference news{"email", "news", false, noon};
  state.preferences.edit() = {news};
  const std::string choice = "05656d61696c046e6577730080c0f8daa6fda506";
  const auto no_segments = std::string(32, '0') + "000000";
  const auto bytes = "05" + std::string{state_bytes}.substr(2) + "0000" + "0000"
                     + no_segments + "01" + choice;
  CHECK(hex(persistence::encode_state(state)) == bytes);
  const auto back = persistence::decode_state(unhex(bytes));
  REQUIRE(back);
  CHECK(difference(*back, state) == "");
  turn made;
  made.changes = {preference_set{news}};
  const auto turn_with = "01001000000000000118" + choice;
  CHECK(hex(persistence::encode_turn(made)) == turn_with);
  const auto again = persistence::decode_turn({}, unhex(turn_with));
  REQUIRE(again);
  CHECK(difference(*again, made) == "");
}

TEST_CASE("a state with a nudge, and turns that put, move and take over one, "
          "are stored as they always were",
          "[golden]") {
  auto state = whole_state();
  nudge one;
  one.id = "ndg_1";
  one.turn = position{1000};
  one.ordinal = 1;
  one.run_turn = position{950};
  one.run_ordinal = 1;
  one.run_started_at = noon - 1h;
  one.at = noon;
  one.expires_at = noon + 1h;
  one.status = nudge_status::shown;
  one.moved_at = noon;
  state.nudges.edit() = {one};
  const std::string stored
    = "056e64675f31e80701b6070180b0dbf18bfda50680c0f8daa6fda50680d095c4c1fda506"
      "0280c0f8daa6fda506";
  const auto bytes = persistence::encode_state(state);
  CHECK(hex(bytes).substr(0, 2) == "07");
  CHECK(hex(bytes).ends_with("01" + stored));
  const auto back = persistence::decode_state(bytes);
  REQUIRE(back);
  CHECK(difference(*back, state) == "");
  turn made;
  made.changes
    = {nudge_put{"ndg_1", 1, 7, noon + 1h},
       nudge_moved{"ndg_1", nudge_status::clicked}, nudge_inherited{one}};
  const auto turn_with = "0100100000000000031f056e64675f31010780d095c4c1fda506"
                         "20056e64675f310321"
                         + stored;
  CHECK(hex(persistence::encode_turn(made)) == turn_with);
  const auto again = persistence::decode_turn({}, unhex(turn_with));
  REQUIRE(again);
  CHECK(difference(*again, made) == "");
}

TEST_CASE("a state is stored as it always was", "[golden]") {
  CHECK(hex(persistence::encode_state(whole_state())) == state_bytes);
  const auto back = persistence::decode_state(unhex(state_bytes));
  REQUIRE(back);
  CHECK(difference(*back, whole_state()) == "");
}

TEST_CASE("a turn with the id of its request is stored as it always was",
          "[golden]") {
  turn made;
  made.request_id = "req_1";
  constexpr auto bytes = "01008020000000000005"
                         "7265715f31";
  CHECK(hex(persistence::encode_turn(made)) == bytes);
  const auto back = persistence::decode_turn({}, unhex(bytes));
  REQUIRE(back);
  CHECK(difference(*back, made) == "");
}
