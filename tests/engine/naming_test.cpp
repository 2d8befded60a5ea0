#include "engine/event_names.hpp"
#include "engine/naming.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe::engine;

namespace {

boost::json::object object(const char* text) {
  return boost::json::parse(text).as_object();
}

incoming_event event_of(std::string type, const char* properties) {
  incoming_event out;
  out.record.type = std::move(type);
  out.properties = object(properties);
  return out;
}

std::string fault_of(const incoming_event& event) {
  const auto checked = check_names(event, "/type", "/metadata");
  return checked ? "" : checked.failure().name + checked.failure().pointer;
}

} // namespace

TEST_CASE("B19 B20 events are called in snake_case or object.action") {
  for (const auto* good :
       {"viewed", "feature_activated", "order.completed", "a1.b_2.c"})
    CHECK(is_conventional(good));
  for (const auto* odd :
       {"", "UserSignup", "purchase-completed", "order.", ".order", "a..b",
        "a_", "_a", "a__b", "1st", "Order.completed", "a b", "é"}) {
    INFO(odd);
    CHECK_FALSE(is_conventional(odd));
  }
}

TEST_CASE("B24 strict names are asked of events and of keys at every depth") {
  CHECK(fault_of(event_of("a.b", R"({"c":1,"d_e":[{"f":2}]})")).empty());
  CHECK(fault_of(event_of("aB", R"({"C":1})")) == "event_name_case/type");
  CHECK(fault_of(event_of("a", R"({"b":[{"c/D":2}]})"))
        == "property_key_case/metadata/b/0/c~1D");
  CHECK(fault_of(event_of("a", R"({"$extra":{"Any Key":1}})")).empty());
  CHECK(fault_of(event_of("$identify", R"({"firstName":1})")).empty());
}

TEST_CASE("B19 lints about names take no more room than there is") {
  boost::json::object many;
  for (int i = 0; i < 30; ++i)
    many["Key " + std::to_string(i)] = i;
  std::vector<lint> lints;
  add_naming_lints(lints, many, "Odd");
  REQUIRE(lints.size() == lints_max);
  CHECK(lints.front().code == "event_name_case");
  CHECK(lints.back().code == "property_key_case");
  CHECK(lints.back().path == "Key 18");
  add_naming_lints(lints, many, "Odd");
  CHECK(lints.size() == lints_max);
}

TEST_CASE("B62 a pattern that is a name hears all names of its type") {
  event_names names;
  CHECK(names.all("a") == std::vector<std::string>{"a"});
  names.add("b.old", "b.new");
  names.add("a.old", "b.new");
  CHECK(names.current("a.old") == "b.new");
  CHECK(names.all("b.old")
        == std::vector<std::string>{"b.new", "a.old", "b.old"});
  for (const auto* name : {"a.old", "b.old", "b.new"}) {
    event_pattern heard{name};
    names.widen(heard);
    for (const auto* other : {"a.old", "b.old", "b.new"})
      CHECK(heard.matches(other));
    CHECK(heard.text() == name);
    CHECK_FALSE(heard.matches("c"));
    pattern_index<int> index;
    index.add(heard, 1);
    int found = 0;
    index.each("a.old", [&found](int) {
      ++found;
    });
    CHECK(found == 1);
  }
  event_pattern broad{"b.*"};
  names.widen(broad);
  CHECK(broad.matches("b.new"));
  CHECK_FALSE(broad.matches("a.old"));
}
