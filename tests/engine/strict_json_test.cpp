#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace troupe::engine;
using namespace std::string_literals;

namespace {

struct refusal {
  std::string text;
  std::string name;
  std::string pointer;
};

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

void check_refused(const refusal& r) {
  CAPTURE(r.text);
  const auto parsed = parse_json(r.text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.failure().code == errc::invalid_request);
  CHECK(parsed.failure().name == r.name);
  CHECK(parsed.failure().pointer == r.pointer);
  CHECK_FALSE(parsed.failure().message.empty());
}

} // namespace

TEST_CASE("a plain document is read with its types", "[engine][json]") {
  const auto parsed = parse_json(
    R"({"a":1,"b":-2,"c":42.99,"d":"x","e":[true,false,null],"f":{},"g":[],)"
    R"("h":18446744073709551615,"i":-9223372036854775808,"j":"é\u00e9\ud83c\udf89"})");
  REQUIRE(parsed);
  const auto& o = parsed->as_object();
  CHECK(o.at("a").is_int64());
  CHECK(o.at("b") == -2);
  CHECK(o.at("c").as_double() == 42.99);
  CHECK(o.at("e").as_array().size() == 3);
  CHECK(o.at("h").as_uint64() == 18446744073709551615U);
  CHECK(o.at("i").as_int64() == std::numeric_limits<std::int64_t>::min());
  CHECK(o.at("j").as_string() == "éé🎉");
  CHECK(parse_json(" 1 \r\n\t"));
  CHECK(parse_json("\"\""));
}

TEST_CASE("J4 what is no JSON in UTF-8 is refused", "[engine][json]") {
  for (const auto& text : {""s,
                           " "s,
                           "{"s,
                           "}"s,

                           "{a:1}"s,
                           "'a'"s,
                           "[1] [2]"s,
                           "1 2"s,
                           "01"s,
                           "+1"s,
                           ".5"s,
                           "1."s,
                           "1e"s,
                           "-"s,
                           "NaN"s,
                           "Infinity"s,
                           "-Infinity"s,
                           "tru"s,
                           "nul"s,
                           "\"a"s,
                           "\"\n\""s,
                           "\"\\x\""s,
                           "\"\\u12\""s,
                           "// c\n1"s,
                           "/* */1"s,
                           "\xEF\xBB\xBF{}"s,
                           "\"\xFF\""s,
                           "\"\xC0\x80\""s,
                           "\"\xED\xA0\x80\""s,
                           "\"\xF4\x90\x80\x80\""s,
                           "\"\xC3\""s})
    check_refused({text, "body_invalid_json", ""});
  check_refused({"[1,]", "body_invalid_json", "/1"});
  check_refused({"{\"a\":1,}", "body_invalid_json", "/a"});
  check_refused({"{\"a\":{\"b\":[1,2,tru]}}", "body_invalid_json", "/a/b/2"});
  check_refused({"{\"a\":{\"b\":\"\xFF\"}}", "body_invalid_json", "/a/b"});
}

TEST_CASE("J1 nesting is limited to 32", "[engine][json]") {
  CHECK(parse_json(nested(32)));
  std::string pointer;
  for (int i = 0; i < 32; ++i)
    pointer += "/0";
  check_refused({nested(33), "body_too_deep", pointer});
  check_refused({std::string(100'000, '['), "body_too_deep", pointer});
  CHECK(parse_json("[[1]]", {2, 100, 10}));
  CHECK_FALSE(parse_json("[[[1]]]", {2, 100, 10}));
}

TEST_CASE("J2 numbers that nobody can store or print are refused",
          "[engine][json]") {
  for (const auto& number :
       {"1e400"s, "-1e400"s, "1e9999999999"s, std::string(400, '9'),
        "-" + std::string(400, '9'), "18446744073709551616"s,
        "-9223372036854775809"s, "1.8e308"s, "9" + std::string(308, '0') + ".5",
        "1e2147483648"s})
    check_refused(
      {"{\"a\":[0," + number + "]}", "number_out_of_range", "/a/1"});
  CHECK(parse_json("1.7976931348623157e308"));
  CHECK(parse_json("5e-324"));
  REQUIRE(parse_json("1e-400"));
  CHECK(parse_json("1e-400")->as_double() == 0);
  CHECK(parse_json("-0.0"));
}

TEST_CASE("numbers are read to the nearest double", "[engine][json]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::uint64_t> bits;
  for (int i = 0; i < 20'000; ++i) {
    const auto number = std::bit_cast<double>(bits(random));
    if (!std::isfinite(number))
      continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.17e", number);
    const auto parsed = parse_json(text);
    REQUIRE(parsed);
    REQUIRE(parsed->as_double() == number);
  }
}

TEST_CASE("J3 a key named twice is refused", "[engine][json]") {
  check_refused({R"({"a":1,"a":1})", "duplicate_key", "/a"});
  check_refused(
    {R"({"x":[{"a":1,"b":2,"\u0061":3}]})", "duplicate_key", "/x/0/a"});
  check_refused({R"({"":1,"":2})", "duplicate_key", "/"});
  check_refused({R"({"a/b~":{},"a/b~":1})", "duplicate_key", "/a~1b~0"});
  CHECK(parse_json(R"({"a":{"a":{"a":1}},"b":{"a":1},"A":[{"a":1},{"a":2}]})"));
}

TEST_CASE("J5 U+0000 and half surrogate pairs are refused", "[engine][json]") {
  check_refused({R"({"a":"x\u0000y"})", "text_not_allowed", "/a"});
  check_refused({R"({"a":{"x\u0000":1}})", "text_not_allowed", "/a"});
  check_refused({"{\"a\":\"x\0y\"}"s, "text_not_allowed", "/a"});
  check_refused({"\0"s, "text_not_allowed", ""});
  check_refused({R"(["\ud800"])", "text_not_allowed", "/0"});
  check_refused({R"(["\udc00"])", "text_not_allowed", "/0"});
  check_refused({R"(["\ud800\ud800"])", "text_not_allowed", "/0"});
  check_refused({R"(["\\\ud800\n\udc00"])", "text_not_allowed", "/0"});
  check_refused({R"(["\\ud800",)", "body_invalid_json", "/1"});
  check_refused({R"(["\ud800x"])", "text_not_allowed", "/0"});
}

TEST_CASE("J7 an object has at most 256 keys", "[engine][json]") {
  std::string body = "{";
  for (int i = 0; i < 256; ++i)
    body += "\"k" + std::to_string(i) + "\":0,";
  auto full = body;
  full.back() = '}';
  CHECK(parse_json(full));
  check_refused({body + "\"z\":0}", "too_many_keys", "/z"});
}

TEST_CASE("a body above the limit is refused unread", "[engine][json]") {
  const auto parsed = parse_json("[1,2,3]", {32, 6, 256});
  REQUIRE_FALSE(parsed);
  CHECK(parsed.failure().name == "payload_too_large");
  CHECK(parse_json("[1,2,3]", {32, 7, 256}));
}

TEST_CASE("a reader is as good after a refusal as before", "[engine][json]") {
  json_reader reader;
  for (int i = 0; i < 3; ++i) {
    {
      boost::json::monotonic_resource memory;
      REQUIRE_FALSE(
        reader.read(R"({"a":[{"b":"long enough to allocate",)", {}, &memory));
      const auto parsed = reader.read(R"({"a":[1,{"b":"c"}]})", {}, &memory);
      REQUIRE(parsed);
      CHECK(to_json(*parsed) == R"({"a":[1,{"b":"c"}]})");
    }
    REQUIRE_FALSE(reader.read("{\"a\":1,\"a\":2}"));
    CHECK(reader.read("{\"a\":1}"));
  }
}

TEST_CASE("arbitrary bytes never break the reader", "[engine][json]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  static const std::string_view pieces[]
    = {"{",       "}",  "[",     "]",      ",",
       ":",       "\"", "\"a\"", "1",      "-",
       ".5",      "e4", "true",  "null",   " ",
       "\\u0000", "\\", "\\ud8", "\"b\":", "\"\\ud83c\\udf89\"",
       "\xC3",    "é",  "1e400"};
  std::uniform_int_distribution<std::size_t> piece{0, std::size(pieces) - 1};
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n)
      text += pieces[piece(random)];
    CAPTURE(text);
    const auto parsed = parse_json(text);
    if (!parsed)
      continue;
    ++accepted;
    const auto again = parse_json(to_json(*parsed));
    REQUIRE(again);
    REQUIRE(canonical_json(*again) == canonical_json(*parsed));
  }
  CHECK(accepted > 100);
}
