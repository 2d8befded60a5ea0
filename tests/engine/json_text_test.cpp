#include "engine/json_text.hpp"
#include "engine/number_text.hpp"
#include "engine/strict_json.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace troupe::engine;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::string as_javascript(double number) {
  std::string out;
  append_number(out, number);
  return out;
}

std::string reprinted(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? to_json(*parsed) : parsed.failure().name;
}

std::string canonical(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? canonical_json(*parsed) : parsed.failure().name;
}

} // namespace

TEST_CASE("numbers print as JavaScript prints them", "[engine][json]") {
  CHECK(as_javascript(4299) == "4299");
  CHECK(as_javascript(42.99) == "42.99");
  CHECK(as_javascript(-0.5) == "-0.5");
  CHECK(as_javascript(0.1 + 0.2) == "0.30000000000000004");
  CHECK(as_javascript(-0.0) == "0");
  CHECK(as_javascript(1e20) == "100000000000000000000");
  CHECK(as_javascript(1e21) == "1e+21");
  CHECK(as_javascript(1.5e300) == "1.5e+300");
  CHECK(as_javascript(9007199254740993.0) == "9007199254740992");
  CHECK(as_javascript(1e-6) == "0.000001");
  CHECK(as_javascript(1e-7) == "1e-7");
  CHECK(as_javascript(1.25e-7) == "1.25e-7");
  CHECK(as_javascript(5e-324) == "5e-324");
  CHECK(as_javascript(std::nan("")) == "NaN");
  CHECK(as_javascript(-infinity) == "-Infinity");
}

TEST_CASE("texts become numbers as in JavaScript", "[engine][json]") {
  CHECK(text_to_number("") == 0);
  CHECK(text_to_number(" \n\u00A0 12.5\uFEFF") == 12.5);
  CHECK(text_to_number("-1e3") == -1000);
  CHECK(text_to_number("+.5") == 0.5);
  CHECK(text_to_number("5.") == 5);
  CHECK(text_to_number("0x1F") == 31);
  CHECK(text_to_number("0b101") == 5);
  CHECK(text_to_number("0o17") == 15);
  CHECK(text_to_number("-Infinity") == -infinity);
  CHECK(text_to_number("1e999") == infinity);
  CHECK(text_to_number("-1e-999") == 0);
  CHECK(text_to_number("007") == 7);
  for (const auto* text : {"1x", "x", ".", "e5", "1e", "0x", "-0x1F", "0b2",
                           "1 2", "infinity", "nan", "--1", "1_000", "inf"})
    CHECK(std::isnan(text_to_number(text)));
  CHECK(parse_float("3.5abc") == 3.5);
  CHECK(parse_float(" 1e5e") == 1e5);
  CHECK(parse_float("1e+") == 1);
  CHECK(parse_float("0x10") == 0);
  CHECK(parse_float("Infinityx") == infinity);
  CHECK(std::isnan(parse_float("")));
  CHECK(std::isnan(parse_float("abc")));
}

TEST_CASE("J2 what is not finite prints as null", "[engine][json]") {
  CHECK(to_json(infinity) == "null");
  CHECK(to_json({1, std::nan(""), -infinity}) == "[1,null,null]");
  CHECK(canonical_json(infinity) == "null");
}

TEST_CASE("G40 values are printed with the type they came with",
          "[engine][json]") {
  const auto* text = R"({"z":42.99,"a":"42.99","m":false,"n":0,"l":[1,"x"],)"
                     R"("e":{},"o":[],"u":null})";
  CHECK(reprinted(text) == text);
  CHECK(reprinted("[1.10,-0,1e2,9223372036854775808]")
        == "[1.1,0,100,9223372036854775808]");
  CHECK(reprinted("[1E9,1e20,-1e7,123456789.0]")
        == "[1e9,1e20,-1e7,123456789]");
}

TEST_CASE("text is escaped only where JSON asks for it", "[engine][json]") {
  CHECK(reprinted(R"("\"\\\/\b\f\n\r\t\u0001\u001f\u007f\u00e9\ud83c\udf89")")
        == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7Fé🎉\"");
  CHECK(reprinted(R"({"a\"b":1})") == R"({"a\"b":1})");
}

TEST_CASE("J6 a printed document is at most twice what came",
          "[engine][json]") {
  for (const char* element :
       {"1e9", "1e5", "1e6", "1e7", "1e15", "1e20", "-1e6", "1e-6", "1e-5",
        "2e-7", "0e0", "9e99", "1e300", "\"\\n\"", "5e-324", "12e5", "1E4"}) {
    std::string text = "[";
    for (int i = 0; i < 50; ++i)
      text += std::string{element} + ",";
    text.back() = ']';
    CAPTURE(text);
    CHECK(reprinted(text).size() <= 2 * text.size());
    CHECK(reprinted(reprinted(text)) == reprinted(text));
    CHECK(reprinted(element).size() <= 2 * std::string_view{element}.size());
  }
}

TEST_CASE("documents that mean the same have one canonical text",
          "[engine][json]") {
  CHECK(canonical(R"({"b":1.0,"a":{"d":100000000.0,"c":[1e2]}})")
        == R"({"a":{"c":[100],"d":100000000},"b":1})");
  CHECK(canonical(R"( { "a":{"c":[100.0], "d":1e8} , "b":10e-1 } )")
        == canonical(R"({"b":1,"a":{"d":100000000,"c":[100]}})"));
  CHECK(canonical(R"(["\u00e9","\/"])") == canonical(R"(["é","/"])"));
  CHECK(canonical("[1,2]") != canonical("[2,1]"));
  CHECK(canonical("1") != canonical("\"1\""));
  CHECK(canonical("9007199254740993") != canonical("9007199254740992"));
  std::string many = "{\"zz\":0";
  for (int i = 0; i < 60; ++i)
    many += ",\"k" + std::to_string(99 - i) + "\":0";
  CHECK(canonical(many + "}").starts_with("{\"k40\":0,\"k41\":0"));
}

TEST_CASE("a fingerprint ignores order and spelling only", "[engine][json]") {
  const auto of = [](std::string_view text) {
    return fingerprint(*parse_json(text));
  };
  CHECK(of(R"({"a":1,"b":2})") == of(R"({ "b":2.0, "a":1 })"));
  CHECK(of(R"({"a":1,"b":2})") != of(R"({"a":2,"b":1})"));
  CHECK(of(R"({"a":1})") != of(R"({"a":"1"})"));
  CHECK(of("[]") != of("{}"));
  CHECK(wide_fingerprint(1) == wide_fingerprint(1.0));
  CHECK_FALSE(wide_fingerprint(1) == wide_fingerprint(2));
}

TEST_CASE("every double survives printing", "[engine][json]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::uint64_t> bits;
  std::uniform_real_distribution<double> exponent{-20, 25};
  for (int i = 0; i < 20'000; ++i) {
    auto number = std::bit_cast<double>(bits(random));
    if (i % 2 == 0)
      number = std::round(std::pow(10.0, exponent(random)) * 100) / 100;
    if (!std::isfinite(number))
      continue;
    const auto back = parse_json(to_json(number));
    REQUIRE(back);
    REQUIRE(back->to_number<double>() == number);
    REQUIRE(canonical_json(*back) == canonical_json(number));
    REQUIRE(text_to_number(as_javascript(number)) == number);
  }
}
