// Which way a contact takes at a split.
#include "tests/support/random_values.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <map>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

std::shared_ptr<const sequence_definition> splitting() {
  return sequence_of(
    R"("s":{"type":"split","weights":[{"weight":10,"then":"a"},
        {"weight":0,"then":"never"},{"weight":30,"then":"b"},
        {"weight":60,"then":"c"}]},
      "never":{"type":"update","tags_add":["never"],"then":"t"},
      "a":{"type":"update","tags_add":["a"],"then":"t"},
      "b":{"type":"update","tags_add":["b"],"then":"t"},
      "c":{"type":"update","tags_add":["c"],"then":"t"},
      "t":{"type":"split","weights":[{"weight":1,"then":"x"},
        {"weight":1,"then":"y"}]},
      "x":{"type":"update","tags_add":["x"],"then":"z"},
      "y":{"type":"update","tags_add":["y"],"then":"z"},
      "z":{"type":"exit"})",
    "s");
}

stepper split(std::uint64_t contact) {
  stepper one{contact_id{contact}};
  one.publish(splitting());
  one.see("go");
  return one;
}

} // namespace

TEST_CASE("a split takes the same way for a contact each time", "[split]") {
  dice from{test_seed()};
  for (int i = 0; i < 50; ++i) {
    auto one = split(from.below(std::uint64_t{1} << 62));
    const auto tags = *one.state().tags;
    const auto way = edges_of(one.turns().back());
    CAPTURE(way);
    CHECK(edges_of(one.see("go")) == way);
    CHECK(*one.state().tags == tags);
  }
}

TEST_CASE("ways are taken by weight, one of weight 0 by nobody, and two splits "
          "are independent",
          "[split]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  constexpr int contacts = 20'000;
  std::map<std::string, int> taken;
  for (int i = 0; i < contacts; ++i)
    for (const auto one = split(from.below(std::uint64_t{1} << 62));
         const auto& tag :
         std::array{one.state().tags->at(0),
                    one.state().tags->at(0) + one.state().tags->at(1)})
      ++taken[tag];
  CHECK(taken.count("never") == 0);
  // Ten standard deviations: a fair split never fails this.
  const auto about = [&](const std::string& tag, double share) {
    CAPTURE(tag, taken[tag]);
    CHECK(std::abs(taken[tag] / double{contacts} - share) < 0.036);
  };
  about("a", 0.1);
  about("b", 0.3);
  about("c", 0.6);
  about("ax", 0.05);
  about("by", 0.15);
  about("cx", 0.3);
}

TEST_CASE("a way that was taken once is taken by every later release",
          "[split]") {
  std::string ways;
  for (std::uint64_t contact = 1; contact <= 12; ++contact)
    ways += split(contact).state().tags->front();
  CHECK(ways == "cccacbcccbcc");
}

TEST_CASE("a split's trace says where the contact fell", "[split]") {
  const auto one = split(1);
  const auto& asked = one.turns().back().trace[2];
  CHECK(asked.asked == rule::split);
  CHECK(asked.passed);
  CHECK(asked.run == 1);
  CHECK(asked.inputs == "91 of 100: 3");
}
