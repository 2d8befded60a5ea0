#include "engine/json_slice.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace troupe::engine;

namespace {

std::string value_of(std::string_view object, std::string_view name) {
  const auto found = find_member(object, name);
  return found ? std::string{*found} : "nothing";
}

} // namespace

TEST_CASE("a member is found as it is written", "[engine][json_slice]") {
  CHECK(value_of(R"({"a":"x","b":[1,{"a":2}]})", "b") == R"([1,{"a":2}])");
  CHECK(value_of(R"( { "a" : 1.5e3 , "b" : null } )", "a") == "1.5e3");
  CHECK(value_of(R"({"a":{"b":1}})", "b") == "nothing");
  CHECK(value_of("[]", "a") == "nothing");
}

TEST_CASE("a quote ends a text unless it is escaped", "[engine][json_slice]") {
  CHECK(value_of(R"({"a":"\"","b":1})", "b") == "1");
  CHECK(value_of(R"({"a":"\\","b":1})", "b") == "1");
  CHECK(value_of(R"({"a":"\\\"}","b":1})", "b") == "1");
  CHECK(value_of(R"({"a":"x\\\\","b":1})", "b") == "1");
  CHECK(value_of(R"({"\"":1,"b":2})", "b") == "2");
  CHECK(value_of(R"({"a":"\\\"}"})", "a") == R"("\\\"}")");
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
