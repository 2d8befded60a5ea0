#include "engine/contact.hpp"
#include "engine/event_pattern.hpp"
#include "tests/support/events.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

constexpr turn_stamp stamp{5, noon, position{40}};

template <class... Changes>
contact_state applied(contact_state state, Changes... changes) {
  (apply_change(state, change{std::move(changes)}, stamp), ...);
  return state;
}

run_started start_of(std::uint32_t number, std::uint32_t sequence = 9,
                     std::string key = "") {
  return {number,          1, sequence_id{sequence}, 3, std::move(key),
          {{"cart", "c1"}}};
}

} // namespace

TEST_CASE("an attached identity is held; the newest of a kind is found",
          "[contact]") {
  const auto state = applied({}, identity_attached{email("a@example.com")},
                             identity_attached{external("usr_1")},
                             identity_attached{email("b@example.com")});
  CHECK(state.holds(identity_kind::email, "a@example.com"));
  CHECK(state.find(identity_kind::email)->key == "b@example.com");
  CHECK(state.find(identity_kind::external_id)->value == "usr_1");
  CHECK(state.find(identity_kind::phone) == nullptr);
  CHECK_FALSE(state.holds(identity_kind::external_id, "a@example.com"));
}

TEST_CASE("a detached identity is gone, the others stay", "[contact]") {
  const auto state
    = applied({}, identity_attached{email("a@example.com")},
              identity_attached{email("b@example.com")},
              identity_detached{identity_kind::email, "b@example.com"},
              identity_detached{identity_kind::phone, "a@example.com"});
  REQUIRE(state.identities->size() == 1);
  CHECK(state.find(identity_kind::email)->key == "a@example.com");
}

TEST_CASE("an attribute is set, replaced and removed by null", "[contact]") {
  auto state
    = applied({}, attribute_set{"a", 1}, attribute_set{"b", json("[2]")},
              attribute_set{"a", "x"});
  CHECK(*state.attributes == json(R"({"a":"x","b":[2]})").as_object());
  state = applied(std::move(state), attribute_set{"a", nullptr},
                  attribute_set{"none", nullptr});
  CHECK(*state.attributes == json(R"({"b":[2]})").as_object());
}

TEST_CASE("tags are a sorted set", "[contact]") {
  const auto state
    = applied({}, tag_added{"vip"}, tag_added{"buyer"}, tag_added{"vip"},
              tag_added{"new"}, tag_removed{"buyer"}, tag_removed{"absent"});
  CHECK(*state.tags == std::vector<std::string>{"new", "vip"});
}

TEST_CASE("a score adds up", "[contact]") {
  CHECK(applied({}, score_added{10}, score_added{-25}).score == -15);
}

TEST_CASE("a run starts with what its turn says", "[contact]") {
  const auto state = applied({}, start_of(1, 9, "cart-1"));
  REQUIRE(state.find_run(1) != nullptr);
  const auto& run = *state.find_run(1);
  CHECK(run.sequence == sequence_id{9});
  CHECK(run.version == 3);
  CHECK(run.ordinal == 1);
  CHECK(run.visit == 0);
  CHECK(run.started_turn == position{40});
  CHECK(run.started_at == noon);
  CHECK(run.re_entry_key == "cart-1");
  CHECK(run.vars.at("cart") == "c1");
  CHECK(state.runs_started == 1);
  REQUIRE(state.entries->size() == 1);
  CHECK(state.entries->front().last_started == noon);
  CHECK(state.entries->front().last_ended == timestamp{});
}

TEST_CASE("each node a run enters is one visit more", "[contact]") {
  const auto state = applied(
    {}, start_of(1), run_moved{1, "hello", "trigger:go", std::nullopt, 0},
    run_moved{1, "rest", "then", noon + 1h, 2}, run_counted{1, 1},
    run_counted{1, 1}, run_counted{1, 7}, run_counted{2, 0},
    run_moved{2, "elsewhere", "then", std::nullopt, 0});
  const auto& run = *state.find_run(1);
  CHECK(run.node == "rest");
  CHECK(run.visit == 2);
  CHECK(run.entered_at == noon);
  CHECK(run.wake_at == noon + 1h);
  CHECK(run.counts == std::vector<std::uint32_t>{0, 2});
  // Moving on forgets the wait.
  const auto moved
    = applied(state, run_moved{1, "next", "then", std::nullopt, 0});
  CHECK(moved.find_run(1)->counts.empty());
  CHECK_FALSE(moved.find_run(1)->wake_at);
  CHECK(state.find_run(1)->node == "rest"); // copies are apart
}

TEST_CASE("an ended run is gone and its entry says when", "[contact]") {
  const auto state
    = applied({}, start_of(1), start_of(2, 9, "other"), start_of(3, 8),
              run_ended{2, run_status::exited, ""},
              run_ended{99, run_status::exited, ""});
  CHECK(state.find_run(1) != nullptr);
  CHECK(state.find_run(2) == nullptr);
  CHECK(state.find_run(3) != nullptr);
  CHECK(state.runs_started == 3);
  REQUIRE(state.entries->size() == 3);
  CHECK((*state.entries)[0].last_ended == timestamp{});
  CHECK((*state.entries)[1].last_ended == noon);
  CHECK((*state.entries)[2].last_ended == timestamp{});
}

TEST_CASE("a turn moves the contact on, whatever it holds", "[contact]") {
  contact_state state;
  turn empty;
  empty.workspace = workspace_id{3};
  empty.contact = contact_id{4};
  for (std::uint64_t seq = 1; seq <= 130; ++seq) {
    empty.stamp = {seq, noon + duration{static_cast<std::int64_t>(seq)},
                   position{1000 + seq}};
    apply(state, empty);
    CHECK(state.skip_turn
          == (seq < 64 ? position{} : position{1000 + seq / 64 * 64}));
  }
  CHECK(state.workspace == workspace_id{3});
  CHECK(state.id == contact_id{4});
  CHECK(state.seq == 130);
  CHECK(state.last_turn == position{1130});
  CHECK(state.last_at == noon + 130us);
}

TEST_CASE("event patterns match names, prefixes and everything", "[contact]") {
  CHECK(event_pattern{"order"}.matches("order"));
  CHECK_FALSE(event_pattern{"order"}.matches("order.completed"));
  CHECK(event_pattern{"order.*"}.matches("order.completed"));
  CHECK(event_pattern{"order.*"}.matches("order.item.added"));
  CHECK_FALSE(event_pattern{"order.*"}.matches("order"));
  CHECK_FALSE(event_pattern{"order.*"}.matches("order."));
  CHECK_FALSE(event_pattern{"order.*"}.matches("orders.completed"));
  CHECK(event_pattern{"*"}.matches("anything"));
}
