#include "engine/condition.hpp"
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"
#include "tests/engine/condition_cases.hpp"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <random>

using namespace troupe::engine;
using boost::json::value;

namespace {

value json(std::string_view text) {
  auto parsed = parse_json(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

value evaluated(std::string_view rule, std::string_view data = "null",
                const condition_options& options = {}) {
  const auto compiled = condition::compile(json(rule), options);
  if (!compiled)
    return value(compiled.failure().name);
  const auto input = json(data);
  return compiled->evaluate(value_data{input});
}

error refusal(std::string_view rule, const condition_options& options = {},
              const std::string& prefix = {}) {
  const auto compiled = condition::compile(json(rule), options, prefix);
  INFO(rule);
  REQUIRE_FALSE(compiled);
  return compiled.failure();
}

std::string nested_negations(int depth) {
  std::string rule = "true";
  for (int i = 0; i < depth; ++i)
    rule = "{\"!\":" + rule + "}";
  return rule;
}

} // namespace

TEST_CASE("a condition answers what json-logic-js answers",
          "[engine][condition]") {
  for (const auto& row : condition_cases::rows) {
    CAPTURE(row.rule, row.data);
    const auto compiled = condition::compile(json(row.rule));
    REQUIRE(compiled);
    const auto data = json(row.data);
    const auto outcome = compiled->evaluate(value_data{data});
    CHECK(to_json(outcome) == to_json(json(row.expected)));
    const auto truth
      = evaluated("{\"!!\":[" + std::string{row.rule} + "]}", row.data);
    CHECK(value(compiled->holds(value_data{data})) == truth);
  }
}

TEST_CASE("event.metadata and event.event_data mean event.properties",
          "[engine][condition]") {
  for (const char* stored : {"properties", "metadata", "event_data"})
    for (const char* written : {"properties", "metadata", "event_data"}) {
      const auto data
        = R"({"event":{")" + std::string{stored} + R"(":{"plan":"pro"}}})";
      const auto path = "event." + std::string{written} + ".plan";
      CHECK(evaluated("{\"var\":\"" + path + "\"}", data) == "pro");
      CHECK(to_json(evaluated("{\"missing\":\"" + path + "\"}", data)) == "[]");
      CHECK(evaluated(R"({"var":{"cat":[")" + path + "\"]}}", data) == "pro");
    }
  CHECK(evaluated(R"({"var":"contact.metadata"})",
                  R"({"contact":{"properties":1}})")
        == nullptr);
}

TEST_CASE("has_tag looks into the contact's tags from everywhere",
          "[engine][condition]") {
  const auto* data
    = R"({"contact":{"tags":["vip","new"]},"event":{"t":"new"},"i":["x","vip"]})";
  CHECK(evaluated(R"({"has_tag":"vip"})", data) == true);
  CHECK(evaluated(R"({"has_tag":"VIP"})", data) == false);
  CHECK(evaluated(R"({"has_tag":[{"var":"event.t"}]})", data) == true);
  CHECK(to_json(
          evaluated(R"({"filter":[{"var":"i"},{"has_tag":{"var":""}}]})", data))
        == R"(["vip"])");
  CHECK(evaluated(R"({"has_tag":"vip"})", R"({"contact":{"tags":"vip"}})")
        == false);
  CHECK(evaluated(R"({"has_tag":"vip"})", "{}") == false);
}

TEST_CASE("an unknown operator is refused with the one probably meant",
          "[engine][condition]") {
  auto e = refusal(R"({"and":[true,{"<":[1,{"vra":"x"}]}]})", {}, "/filter");
  CHECK(e.code == errc::invalid_request);
  CHECK(e.name == "condition_unknown_operator");
  CHECK(e.pointer == "/filter/and/1/</1/vra");
  CHECK(e.message == "There is no operator \"vra\"; did you mean \"var\"?");
  const auto suggested = [](std::string_view name) {
    return refusal("{\"" + std::string{name} + "\":1}").message;
  };
  CHECK_THAT(suggested("equals"), Catch::Contains("mean \"==\"?"));
  CHECK_THAT(suggested("hastag"), Catch::Contains("mean \"has_tag\"?"));
  CHECK_THAT(suggested("contains"), Catch::Contains("mean \"in\"?"));
  CHECK_THAT(suggested("fliter"), Catch::Contains("mean \"filter\"?"));
  CHECK_THAT(suggested("=<"), Catch::Contains("mean \"<=\"?"));
  CHECK(suggested("frobnicate") == "There is no operator \"frobnicate\".");
  CHECK(suggested(std::string(2000, 'x')) == "There is no such operator.");
  CHECK(refusal(R"({"!":{"a/b~":1}})").pointer == "/!/a~1b~0");
}

TEST_CASE("a wrong number of operands is refused", "[engine][condition]") {
  struct row {
    const char* rule;
    const char* pointer;
  };
  const auto r = GENERATE(
    row{R"({"==":[1]})", "/=="}, row{R"({"==":1})", "/=="},
    row{R"({"===":[1,2,3]})", "/==="}, row{R"({"!":[]})", "/!"},
    row{R"({"and":[]})", "/and"}, row{R"({">":[1,2,3]})", "/>"},
    row{R"({"<":[1,2,3,4]})", "/<"}, row{R"({"/":[1]})", "/~1"},
    row{R"({"var":["a",1,2]})", "/var"}, row{R"({"map":[[1]]})", "/map"},
    row{R"({"substr":["a"]})", "/substr"}, row{R"({"in":["a"]})", "/in"},
    row{R"({"*":[]})", "/*"}, row{R"({"if":[1,{"%":[1]},2]})", "/if/1/%"},
    row{R"([1,{"-":[]}])", "/1/-"},
    row{R"({"missing_some":[1]})", "/missing_some"});
  CAPTURE(r.rule);
  const auto e = refusal(r.rule);
  CHECK(e.name == "condition_wrong_arity");
  CHECK(e.pointer == r.pointer);
}

TEST_CASE("depth and number of operations are limited", "[engine][condition]") {
  CHECK(evaluated(nested_negations(31)) == false);
  CHECK(evaluated(nested_negations(32), "null", {{}, true, true, 32}) == true);
  const auto parsed_deeper = [] {
    value rule = true;
    for (int i = 0; i < 33; ++i)
      rule = boost::json::object{{"!", rule}};
    return rule;
  }();
  const auto deep = condition::compile(parsed_deeper);
  REQUIRE_FALSE(deep);
  CHECK(deep.failure().name == "condition_too_deep");
  value lists = boost::json::object{{"var", "x"}};
  for (int i = 0; i < 500; ++i)
    lists = boost::json::array{lists};
  const auto deep_lists = condition::compile(lists);
  REQUIRE_FALSE(deep_lists);
  CHECK(deep_lists.failure().name == "condition_too_deep");

  std::string rule = "{\"and\":[";
  for (int i = 0; i < 999; ++i)
    rule += "{\"!!\":1},";
  CHECK(evaluated(rule.substr(0, rule.size() - 1) + "]}") == true);
  const auto large = refusal(rule + "{\"!!\":1}]}");
  CHECK(large.name == "condition_too_large");
  CHECK(large.pointer == "/and/999/!!");
}

TEST_CASE("strict roots refuse a variable nobody provides",
          "[engine][condition]") {
  const condition_options strict{condition_roots};
  for (const char* path : {"event.properties.plan", "contact.tags.0",
                           "run.vars.cart", "segments", "now"})
    CHECK(condition::compile(boost::json::object{{"var", path}}, strict));
  const auto e = refusal(R"({"==":[{"var":"plan"},1]})", strict);
  CHECK(e.name == "condition_unknown_root");
  CHECK(e.pointer == "/==/0/var");
  CHECK(refusal(R"({"var":""})", strict).name == "condition_unknown_root");
  CHECK(refusal(R"({"var":["events.x",1]})", strict).pointer == "/var");
  CHECK(refusal(R"({"missing":["event.x","y"]})", strict).name
        == "condition_unknown_root");
  CHECK(refusal(R"({"map":[{"var":"items"},{"var":"sku"}]})", strict).pointer
        == "/map/0/var");
  for (const char* op : {"map", "filter", "reduce", "all", "none", "some"})
    CHECK(condition::compile(
      json("{\"" + std::string{op}
           + R"(":[{"var":"event.properties.items"},{"var":"sku"}]})"),
      strict));
}

TEST_CASE("J8 $extra is out of reach", "[engine][condition]") {
  for (const char* rule :
       {R"({"var":"event.$extra.x"})", R"({"var":"$extra"})",
        R"({"map":[[1],{"var":"$extra.x"}]})", R"({"missing":"a.$extra"})",
        R"({"missing_some":[1,["$extra"]]})"})
    CHECK(refusal(rule).name == "condition_reserved_name");
  const auto* data = R"({"event":{"$extra":{"x":1}}})";
  CHECK(evaluated(R"({"var":{"cat":["event.","$extra.x"]}})", data) == nullptr);
  CHECK(to_json(evaluated(R"({"missing":{"cat":["event.$ex","tra"]}})", data))
        == R"(["event.$extra"])");
}

TEST_CASE("whole numbers compare exactly beyond 2^53", "[engine][condition]") {
  const auto* data
    = R"({"a":9007199254740993,"b":18446744073709551615,"c":-1})";
  CHECK(evaluated(R"({"==":[{"var":"a"},9007199254740992]})", data) == false);
  CHECK(evaluated(R"({">":[{"var":"b"},{"var":"a"}]})", data) == true);
  CHECK(evaluated(R"({"<":[{"var":"c"},{"var":"b"}]})", data) == true);
  CHECK(evaluated(R"({"===":[{"var":"b"},18446744073709551615]})", data)
        == true);
}

TEST_CASE("names of JavaScript's objects are plain data",
          "[engine][condition]") {
  for (const char* name : {"constructor", "__proto__", "toString", "length"})
    CHECK(evaluated("{\"var\":\"" + std::string{name} + "\"}", "{}")
          == nullptr);
  CHECK(evaluated(R"({"var":"__proto__.x"})", R"({"__proto__":{"x":1}})") == 1);
}

TEST_CASE("an evaluation that would not end or grow without end is null",
          "[engine][condition]") {
  std::string data = R"({"i":[0)";
  for (int i = 0; i < 999; ++i)
    data += ",0";
  data += "]}";
  for (
    const char* rule :
    {R"({"reduce":[{"var":"i"},{"cat":[{"var":"accumulator"},{"var":"accumulator"}]},"x"]})",
     R"({"reduce":[{"var":"i"},{"merge":[{"var":"accumulator"},{"var":"accumulator"}]},[1]]})",
     R"({"reduce":[{"var":"i"},[{"var":"accumulator"},{"var":"accumulator"}],[1]]})",
     R"({"map":[{"var":"i"},{"map":[{"merge":[[1,2,3],[{"var":""}]]},{"reduce":[[1,2,3,4,5,6,7,8,9,10],{"+":[{"var":"current"},1]},0]}]}]})"}) {
    CAPTURE(rule);
    CHECK(evaluated(rule, data) == nullptr);
    const auto negated = "{\"!\":" + std::string{rule} + "}";
    CHECK(evaluated(negated, data) == nullptr);
    const auto compiled = condition::compile(json(negated));
    REQUIRE(compiled);
    const auto input = json(data);
    CHECK_FALSE(compiled->holds(value_data{input}));
  }
  CHECK(evaluated(
          R"({"reduce":[{"var":"i"},{"+":[{"var":"accumulator"},1]},0]})", data)
        == 1000);
  condition_options few;
  few.steps_max = 3;
  CHECK(evaluated(R"({"+":[1,2]})", "null", few) == 3);
  CHECK(evaluated(R"({"+":[1,2,3]})", "null", few) == nullptr);
}

TEST_CASE("a condition needs neither its rule nor their memory again",
          "[engine][condition]") {
  std::optional<condition> kept;
  {
    boost::json::monotonic_resource memory;
    const auto rule = parse_json(
      R"({"in":[{"var":"x"},["a long text that needs memory of its own","b"]]})",
      {}, &memory);
    REQUIRE(rule);
    auto compiled = condition::compile(*rule);
    REQUIRE(compiled);
    kept = *compiled;
  }
  const auto data = json(R"({"x":"b"})");
  CHECK(kept->holds(value_data{data}));
  value answer;
  {
    boost::json::monotonic_resource memory;
    const auto source = parse_json(
      R"({"x":["a long text that needs memory of its own"]})", {}, &memory);
    REQUIRE(source);
    answer = condition::compile(json(R"({"var":"x"})"))
               ->evaluate(value_data{*source});
  }
  CHECK(to_json(answer) == R"(["a long text that needs memory of its own"])");
}

namespace {

class generator {
public:
  explicit generator(std::uint64_t seed) : random_(seed) {}

  value rule(int depth) {
    static const char* const names[] = {
      "var", "missing", "missing_some", "if",     "?:",   "==",   "===",   "!=",
      "!==", "!",       "!!",           "or",     "and",  ">",    ">=",    "<",
      "<=",  "max",     "min",          "+",      "-",    "*",    "/",     "%",
      "map", "filter",  "reduce",       "all",    "none", "some", "merge", "in",
      "cat", "substr",  "log",          "has_tag"};
    if (depth == 0 || below(4) == 0)
      return scalar();
    boost::json::array operands;
    for (auto n = below(4); n > 0; --n)
      operands.push_back(rule(depth - 1));
    if (below(6) == 0)
      return operands;
    return boost::json::object{{names[below(std::size(names))], operands}};
  }

  value scalar() {
    static const char* const scalars[] = {"null",
                                          "true",
                                          "false",
                                          "0",
                                          "-1",
                                          "3",
                                          "1e308",
                                          "0.5",
                                          "\"\"",
                                          "\"a\"",
                                          "\"i\"",
                                          "\"t\"",
                                          "\"o.a\"",
                                          "\"12\"",
                                          "\"é🎉\"",
                                          "[]",
                                          "[1,[2,null]]",
                                          "{}",
                                          "{\"a\":1,\"b\":2}",
                                          "18446744073709551615",
                                          "\"current\"",
                                          "\"accumulator\"",
                                          "\"event.metadata\""};
    return *parse_json(scalars[below(std::size(scalars))]);
  }

private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
  }

  std::mt19937_64 random_;
};

} // namespace

TEST_CASE("no condition on no data throws, hangs or prints nonsense",
          "[engine][condition]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  generator make{seed};
  const auto data
    = json(R"({"i":[1,"2",null,{"a":[1]},[]],"t":"text","o":{"a":{"b":1.5}},)"
           R"("contact":{"tags":["a","12"]},"event":{"properties":{"x":1}}})");
  int compiled_count = 0;
  for (int i = 0; i < 30'000; ++i) {
    const auto rule = make.rule(4);
    const auto text = to_json(rule);
    CAPTURE(text);
    const auto compiled = condition::compile(rule);
    if (!compiled)
      continue;
    ++compiled_count;
    const auto outcome = compiled->evaluate(value_data{data});
    const auto again = parse_json(to_json(outcome), {1000, 1 << 24, 256});
    REQUIRE(again);
    REQUIRE(canonical_json(*again) == canonical_json(outcome));
    const auto negated = condition::compile(
      boost::json::object{{"!", boost::json::array{rule}}});
    if (negated)
      REQUIRE(compiled->holds(value_data{data})
              != negated->holds(value_data{data}));
  }
  CHECK(compiled_count > 1000);
}
