#include "engine/decide.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

event_input owned(event_input input, const identity& what, std::uint64_t owner,
                  bool has_external) {
  input.owners.push_back({what, contact_id{owner}, has_external});
  return input;
}

std::string keys_of(const contact_state& state) {
  std::string out;
  for (const auto& each : *state.identities)
    out += (out.empty() ? "" : " ") + each.key;
  return out;
}

} // namespace

TEST_CASE("free identities of an event are attached in order", "[identify]") {
  stepper one;
  const auto& turn = one.see("e", "{}",
                             {external("usr_1"), email("Ada@Example.com"),
                              who(identity_kind::anonymous_id, "anon-1")});
  CHECK(keys_of(one.state()) == "usr_1 ada@example.com anon-1");
  CHECK(turn.external_id == "usr_1");
  CHECK(turn.email == "Ada@Example.com"); // as sent
  CHECK(turn.warnings.empty());
  // Known ones change nothing.
  CHECK(one.see("e", "{}", {external("usr_1")}).changes.empty());
}

TEST_CASE("a new e-mail takes the place of the old one", "[identify]") {
  stepper one;
  one.see("e", "{}", {external("usr_1"), email("old@example.com")});
  const auto& turn = one.see("e", "{}", {email("new@example.com")});
  CHECK(keys_of(one.state()) == "usr_1 new@example.com");
  CHECK(turn.email == "new@example.com");
  REQUIRE(turn.changes.size() == 2);
  CHECK(std::get<identity_detached>(turn.changes[0]).key == "old@example.com");
}

TEST_CASE("anonymous ids gather", "[identify]") {
  stepper one;
  one.see("e", "{}", {who(identity_kind::anonymous_id, "a-1")});
  one.see("e", "{}", {who(identity_kind::anonymous_id, "a-2")});
  CHECK(keys_of(one.state()) == "a-1 a-2");
}

TEST_CASE("of two e-mails in one event the first is the contact's",
          "[identify]") {
  stepper one;
  const auto& turn = one.see(
    "e", "{}",
    {external("usr_1"), email("first@example.com"), email("2nd@example.com")});
  CHECK(keys_of(one.state()) == "usr_1 first@example.com");
  for (const auto& what : turn.changes)
    CHECK(std::holds_alternative<identity_attached>(what));
  one.see("e", "{}", {email("first@example.com"), email("2nd@example.com")});
  CHECK(keys_of(one.state()) == "usr_1 first@example.com");
}

TEST_CASE("an identity of another contact stays there, with a warning",
          "[identify]") {
  stepper one;
  const auto taken = email("ada@example.com");
  const auto& turn = one.step(
    owned(event("e", "{}", {external("usr_1"), taken}), taken, 99, true));
  CHECK(keys_of(one.state()) == "usr_1");
  REQUIRE(turn.warnings.size() == 1);
  CHECK(turn.warnings[0].code == "identity_conflict");
  CHECK(turn.warnings[0].kind == identity_kind::email);
  REQUIRE(turn.trace.size() == 1);
  CHECK(turn.trace[0].asked == rule::identity);
  CHECK_FALSE(turn.trace[0].passed);
}

TEST_CASE("an identity the store says is free or this contact's is attached",
          "[identify]") {
  stepper one;
  auto input = event("e", "{}", {external("usr_1"), email("a@example.com")});
  input.owners.push_back({external("usr_1"), contact_id{}, false});
  input.owners.push_back({email("a@example.com"), one.state().id, false});
  CHECK(one.step(input).warnings.empty());
  CHECK(keys_of(one.state()) == "usr_1 a@example.com");
}

TEST_CASE("a second external id is a conflict, never a replacement",
          "[identify]") {
  stepper one;
  one.see("e", "{}", {external("usr_1"), email("ada@example.com")});
  const auto& turn
    = one.see("e", "{}", {email("ada@example.com"), external("usr_2")});
  CHECK(keys_of(one.state()) == "usr_1 ada@example.com");
  REQUIRE(turn.warnings.size() == 1);
  CHECK(turn.warnings[0].kind == identity_kind::external_id);
}

TEST_CASE("a contact holds at most 1,000 identities", "[identify]") {
  stepper one;
  std::vector<identity> many;
  for (int i = 0; i < 1001; ++i)
    many.push_back(who(identity_kind::anonymous_id, "a-" + std::to_string(i)));
  const auto& turn = one.see("e", "{}", many);
  CHECK(one.state().identities->size() == 1000);
  REQUIRE(turn.warnings.size() == 1);
  CHECK(turn.warnings[0].code == "identity_limit");
}

TEST_CASE("conditions of the same event see the new identities", "[identify]") {
  stepper one;
  one.publish(sequence(R"({"key":"k","trigger":{"any":[{"event":"go",
    "where":{"==":[{"var":"contact.external_id"},"usr_1"]}}]},"entry":"x",
    "nodes":{"x":{"type":"exit"}}})"));
  CHECK(starts_run(one.see("go", "{}", {external("usr_1")})));
}

TEST_CASE("a message gives a contact that is new its identity", "[identify]") {
  stepper one;
  const auto& first
    = one.step(inbox_input{{1, 1}, 3, external("usr_7"), record("told"), {}});
  CHECK(keys_of(one.state()) == "usr_7");
  CHECK(first.kind == turn_kind::inbox);
  CHECK(first.consumed == inbox_id{1, 1});
  CHECK(first.hops == 3);
  CHECK(first.external_id == "usr_7");
  one.step(inbox_input{{1, 2}, 3, email("x@example.com"), record("told"), {}});
  CHECK(keys_of(one.state()) == "usr_7"); // it was found by what it has
}
