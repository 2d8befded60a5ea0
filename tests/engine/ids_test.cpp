#include "engine/identity.hpp"
#include "engine/ids.hpp"
#include "tests/support/random_values.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace troupe::engine;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

constexpr workspace_id here{7};
const id_text ids{0x1234'5678'9ABC'DEF0};

timestamp at_micros(std::int64_t micros) {
  return timestamp{duration{micros}};
}

} // namespace

TEST_CASE("a contact's id comes back from its text", "[ids]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  for (int round = 0; round < 20'000; ++round) {
    const contact_id id{from.number()};
    const auto text = ids.contact(here, id);
    REQUIRE(text.size() == 30);
    REQUIRE(text.starts_with("con_"));
    REQUIRE(ids.parse_contact(here, text) == id);
  }
}

TEST_CASE("an id at a position comes back from its text", "[ids]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  for (int round = 0; round < 20'000; ++round) {
    const position_id id{timestamp{std::chrono::milliseconds{from.number(47)}},
                         position{from.number(40)},
                         static_cast<std::uint32_t>(from.number(20))};
    const auto text = ids.at_position("evt_", here, id);
    REQUIRE(text.size() == 30);
    const auto back = ids.parse_position("evt_", here, text);
    REQUIRE(back);
    REQUIRE(back->at == id.at);
    REQUIRE(back->turn == id.turn);
    REQUIRE(back->ordinal == id.ordinal);
  }
}

TEST_CASE("ids sort by time as texts", "[ids]") {
  contact_id_source low{3};
  contact_id_source high{250};
  std::vector<std::string> contacts;
  std::vector<std::string> events;
  for (int i = 0; i < 500; ++i) {
    const auto now = at_micros(1'772'366'400'000'000) + i * 3ms;
    contacts.push_back(ids.contact(here, (i % 2 == 0 ? high : low).next(now)));
    events.push_back(ids.at_position(
      "evt_", here, {now, position{static_cast<std::uint64_t>(i) + 1}, 0}));
  }
  CHECK(std::is_sorted(contacts.begin(), contacts.end()));
  CHECK(std::is_sorted(events.begin(), events.end()));
}

TEST_CASE("new contacts have increasing ids of their shard", "[ids]") {
  contact_id_source source{200};
  contact_id last{};
  auto now = at_micros(1'772'366'400'000'000);
  for (int i = 0; i < 10'000; ++i) {
    if (i % 100 == 0)
      now += 1us; // a hundred in one microsecond
    if (i == 5000)
      now -= 1h; // a clock that is set back
    const auto id = source.next(now);
    REQUIRE(shard_of(id) == 200);
    REQUIRE(number(id) > number(last));
    last = id;
  }
  CHECK(created_at(contact_id_source{1}.next(now)) == now);
}

TEST_CASE("an id of another workspace or installation does not parse",
          "[ids]") {
  const auto text = ids.contact(here, contact_id{12345});
  CHECK(ids.parse_contact(here, text));
  CHECK_FALSE(ids.parse_contact(workspace_id{8}, text));
  CHECK_FALSE(id_text{1}.parse_contact(here, text));
  const auto event
    = ids.at_position("evt_", here, {at_micros(5'000), position{9}, 0});
  CHECK(ids.parse_position("evt_", here, event));
  CHECK_FALSE(ids.parse_position("evt_", workspace_id{8}, event));
  CHECK_FALSE(id_text{1}.parse_position("evt_", here, event));
  CHECK_FALSE(ids.parse_position("run_", here, event));
  // The same bits under another prefix are another id.
  CHECK_FALSE(ids.parse_position("run_", here, "run_" + event.substr(4)));
}

TEST_CASE("a guessed id does not parse", "[ids]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  const std::string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto contact = ids.contact(here, contact_id{99'999'999});
  const auto event
    = ids.at_position("evt_", here, {at_micros(77'000), position{1234}, 3});
  int events_hit = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto guess = contact;
    auto other = event;
    const auto at = 4 + from.below(26);
    guess[at] = alphabet[from.below(32)];
    other[at] = alphabet[from.below(32)];
    if (guess != contact)
      REQUIRE_FALSE(ids.parse_contact(here, guess));
    if (other != event && ids.parse_position("evt_", here, other))
      ++events_hit; // 20 check bits: one in a million
  }
  CHECK(events_hit <= 2);
}

TEST_CASE("a text that is no id does not parse", "[ids]") {
  const std::string text = GENERATE(
    "", "con_", "con_0", "evt_00000000000000000000000000",
    "con_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "con_ILOU0000000000000000000000",
    "con_000000000000000000000000000", "con_é00000000000000000000000");
  CHECK_FALSE(ids.parse_contact(here, text));
  auto lower = ids.contact(here, contact_id{1});
  for (auto& c : lower)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  CHECK_FALSE(ids.parse_contact(here, lower));
}

TEST_CASE("identities spread over all shards by seed and workspace", "[ids]") {
  std::set<unsigned> seen;
  int same = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto shard
      = shard_of(std::uint64_t{42}, here, identity_kind::external_id,
                 "usr_" + std::to_string(i));
    REQUIRE(shard < shard_count);
    seen.insert(shard);
    same
      += shard
             == shard_of(std::uint64_t{42}, workspace_id{8},
                         identity_kind::external_id, "usr_" + std::to_string(i))
           ? 1
           : 0;
  }
  CHECK(seen.size() == shard_count);
  CHECK(same < 100);
}

TEST_CASE("S12 the id of a trigger is a UUID that says where its turn is, in "
          "its workspace alone",
          "[ids]") {
  const auto ms = timestamp{std::chrono::milliseconds{1'771'234'567'890}};
  for (const auto number :
       {std::uint64_t{0}, std::uint64_t{1}, (std::uint64_t{1} << 30) + 5,
        (std::uint64_t{1} << 40) - 1})
    for (const auto kind :
         {trigger_name::kind::turn, trigger_name::kind::nobody,
          trigger_name::kind::stored}) {
      auto text = uuid_of(ids.trigger(here, {ms, kind, number}));
      INFO(text);
      REQUIRE(text.size() == 36);
      CHECK(text[14] == '8');
      CHECK(std::string{"89ab"}.find(text[19]) != std::string::npos);
      const auto read = ids.parse_trigger(here, text);
      REQUIRE(read);
      CHECK(read->at == ms);
      CHECK(read->what == kind);
      CHECK(read->number == number);
      CHECK_FALSE(ids.parse_trigger(workspace_id{8}, text));
      CHECK_FALSE(id_text{43}.parse_trigger(here, text));
      text.back() = text.back() == '0' ? '1' : '0';
      CHECK_FALSE(ids.parse_trigger(here, text));
    }
  for (const auto* text :
       {"", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "not-a-uuid",
        "f47ac10b-58cc-8372-a567-0e02b2c3d4790", "------------------------"})
    CHECK_FALSE(ids.parse_trigger(here, text));
}
