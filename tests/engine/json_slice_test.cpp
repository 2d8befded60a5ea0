#include "engine/json_slice.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace troupe::engine;

namespace {

std::string found_in(std::string_view object, std::string_view name) {
  const auto found = find_member(object, name);
  return found ? std::string{*found} : "nothing";
}

} // namespace

TEST_CASE("a member is found as it is written", "[engine][json_slice]") {
  CHECK(found_in(R"({"a":"x","b":[1,{"a":2}]})", "b") == R"([1,{"a":2}])");
  CHECK(found_in(R"( { "a" : 1.5e3 , "b" : null } )", "a") == "1.5e3");
  CHECK(found_in(R"({"a":{"b":1}})", "b") == "nothing");
  CHECK(found_in("[]", "a") == "nothing");
}

TEST_CASE("a member that is a text is told from others",
          "[engine][json_slice]") {
  const auto members = members_of(R"({"a":"x\"","b":1,"c":"","a":2})");
  REQUIRE(members);
  CHECK(value_of(*members, "a") == R"("x\"")");
  CHECK(text_of(*members, "a") == R"(x\")");
  CHECK(value_of(*members, "b") == "1");
  CHECK(!text_of(*members, "b"));
  CHECK(text_of(*members, "c") == "");
  CHECK(!value_of(*members, "d"));
}

TEST_CASE("a quote ends a text unless it is escaped", "[engine][json_slice]") {
  CHECK(found_in(R"({"a":"\"","b":1})", "b") == "1");
  CHECK(found_in(R"({"a":"\\","b":1})", "b") == "1");
  CHECK(found_in(R"({"a":"\\\"}","b":1})", "b") == "1");
  CHECK(found_in(R"({"a":"x\\\\","b":1})", "b") == "1");
  CHECK(found_in(R"({"\"":1,"b":2})", "b") == "2");
  CHECK(found_in(R"({"a":"\\\"}"})", "a") == R"("\\\"}")");
}

TEST_CASE("a text that is cut off ends with what there is",
          "[engine][json_slice]") {
  for (const std::string_view cut :
       {R"({"a":"x)", R"({"a":"x\)", R"({"a":"x\")", R"({"a":")", R"({")",
        R"({"a":["x)", R"({"a":{"b":"\\)"})
    CHECK(!members_of(cut));
  CHECK(!elements_of(R"(["x\"])"));
  CHECK(elements_of(R"(["x\\"])"));
}

TEST_CASE("an outline has the members, and the elements of one of them",
          "[engine][json_slice]") {
  const auto found = outline_of(
    R"( {"a":1, "batch" : [ {"b":"]"} , [2,3],"x" ] ,"":[4]} )", "batch");
  REQUIRE(found);
  REQUIRE(found->members.size() == 3);
  CHECK(found->members[1].second == R"([ {"b":"]"} , [2,3],"x" ])");
  REQUIRE(found->elements);
  CHECK(*found->elements
        == std::vector<std::string_view>{R"({"b":"]"})", "[2,3]", R"("x")"});
  CHECK(outline_of(R"({"batch":[]})", "batch")->elements->empty());
  CHECK(!outline_of(R"({"batch":{}})", "batch")->elements);
  CHECK(!outline_of(R"({"b":[1]})", "batch")->elements);
  CHECK(!outline_of(R"({"batch":[1 2]})", "batch"));
  CHECK(!outline_of(R"({"batch":[1],"batch":[2]})", "batch"));
  CHECK(!outline_of(R"({"batch":1,"batch":[2]})", "batch"));
  CHECK(members_of(R"({"":[1 2]})"));
  CHECK(!outline_of(R"({"batch":[1)", "batch"));
}
