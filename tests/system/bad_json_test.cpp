// Bodies that a lenient door would take (J1–J8): each has its documented code
// and place, stores nothing and uses up no idempotency key.
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace troupe::test;
using namespace std::string_literals;

namespace {

struct wrong_body {
  std::string bytes;
  std::string pointer = {};
};

/// Repeats the text.
std::string times(int count, std::string_view text) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all += text;
  return all;
}

std::string keys(int count) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  return "{" + all + "}";
}

class bad_json : protected with_server {
protected:
  /// An event of this test's contact with these properties.
  std::string event(std::string_view metadata) const {
    return event_body("json.sent", by_external_id(who_), metadata);
  }

  std::string at_top(const std::string& more) const {
    return R"({"type":"json.sent","contact":)" + by_external_id(who_) + ","
           + more + "}";
  }

  void are_refused(const std::string& code,
                   const std::vector<wrong_body>& bodies) {
    const auto key = fresh("key_json_");
    for (const auto& body : bodies) {
      const auto refused = api.emit(body.bytes, key);
      INFO(body.bytes.substr(0, 200) << "\n" << refused.body);
      CHECK(refused.status == 422);
      CHECK(refused.code() == code);
      CHECK(refused.text("/errors/0/pointer") == body.pointer);
    }
    CHECK(contact_of(api, who_).status == 404);
    CHECK(api.get("/v1/events?contact[external_id]=" + who_)
            .at("/data")
            .get_array()
            .empty());
    // The key is free, and the server well.
    const auto good = api.emit(event("{}"), key);
    CHECK(good.status == 200);
    CHECK(good.header("idempotent-replay").empty());
  }

  /// Takes the properties, and shows them as they were sent.
  void is_kept(const std::string& metadata, const std::string& shown = {}) {
    const auto made = api.emit(event(metadata));
    INFO(metadata.substr(0, 200) << "\n" << made.body);
    REQUIRE(made.status == 200);
    const auto read = event_of(api, made);
    CHECK(read.body.find("\"metadata\":" + (shown.empty() ? metadata : shown))
          != std::string::npos);
  }

  const std::string who_ = fresh("usr_json_");
};

} // namespace

TEST_CASE_METHOD(bad_json, "J4 what is not JSON is body_invalid_json",
                 "[system][bad_json]") {
  const auto good = event("{}");
  are_refused("body_invalid_json",
              {{""},
               {" \r\n\t "},
               {good + "x"},
               {good + good},
               {good + ","},
               {good + "//"},
               {"/**/" + good},
               {"\f" + good},
               {"\xef\xbb\xbf" + good},
               {"\xef\xbb\xbf"},
               {"{"},
               {"}"},
               {"{}}"},
               {"{'type':'a'}"},
               {"{type:\"a\"}"},
               {R"({"type":"a")", "/type"},
               {R"({"type":"a)", "/type"},
               {R"({"type":)", "/type"},
               {R"({"type")", "/type"},
               {R"({"type" "a"})", "/type"},
               {event(R"({"a":1,})"), "/metadata/a"},
               {event(R"({"a":[1,]})"), "/metadata/a/1"},
               {event(R"({,"a":1})"), "/metadata"},
               {event(R"({"a":[1 2]})"), "/metadata/a/1"},
               {event(R"({"a":NaN})"), "/metadata/a"},
               {event(R"({"a":Infinity})"), "/metadata/a"},
               {event(R"({"a":-Infinity})"), "/metadata/a"},
               {event(R"({"a":True})"), "/metadata/a"},
               {event(R"({"a":nul})"), "/metadata/a"},
               {event(R"({"a":undefined})"), "/metadata/a"},
               {event(R"({"a":01})"), "/metadata/a"},
               {event(R"({"a":+1})"), "/metadata/a"},
               {event(R"({"a":.5})"), "/metadata/a"},
               {event(R"({"a":5.})"), "/metadata/a"},
               {event(R"({"a":-})"), "/metadata/a"},
               {event(R"({"a":0x1})"), "/metadata/a"},
               {event(R"({"a":1e})"), "/metadata/a"},
               {event("{\"a\":\"x\ny\"}"), "/metadata/a"},
               {event("{\"a\":\"x\ty\"}"), "/metadata/a"},
               {event(R"({"a":"\x41"})"), "/metadata/a"},
               {event(R"({"a":"\u12g4"})"), "/metadata/a"},
               {event(R"({"a":"\u12"})"), "/metadata/a"}});
}

TEST_CASE_METHOD(bad_json, "J4 bytes that are not UTF-8 are body_invalid_json",
                 "[system][bad_json]") {
  std::vector<wrong_body> bodies;
  for (const std::string bytes :
       {"\xff", "\xfe", "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
        "\xf0\x80\x80\xaf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xe2\x82",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3\x28", "\xe9"})
    bodies.push_back({event("{\"a\":\"" + bytes + "\"}"), "/metadata/a"});
  bodies.push_back({R"({"type":")"s + "\xff\"}", "/type"});
  are_refused("body_invalid_json", bodies);
  is_kept("{\"a\":\"\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf "
          "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\"}");
}

TEST_CASE_METHOD(bad_json, "J5 NUL and half a surrogate pair are refused",
                 "[system][bad_json]") {
  const auto person = R"({"type":"json.sent","contact":{"external_id":")"s;
  are_refused("text_not_allowed",
              {{event("{\"a\":\"x\0y\"}"s), "/metadata/a"},
               {event(R"({"a":"x\u0000y"})"), "/metadata/a"},
               {event(R"({"a\u0000b":1})"), "/metadata"},
               {event(R"({"a":["b","\u0000"]})"), "/metadata/a/1"},
               {person + R"(\u0000"}})", "/contact/external_id"},
               {R"({"type":"a\u0000"})", "/type"},
               {event(R"({"a":"\ud800"})"), "/metadata/a"},
               {event(R"({"a":"\uDBFFx"})"), "/metadata/a"},
               {event(R"({"a":"\ud800\ud800"})"), "/metadata/a"},
               {event(R"({"a":"\ud800\n"})"), "/metadata/a"},
               {event(R"({"a":"\udc00"})"), "/metadata/a"},
               {event(R"({"a":"\udc00\ud800"})"), "/metadata/a"},
               {person + R"(\udfff"}})", "/contact/external_id"}});
  is_kept(R"({"a":"\ud83d\ude00 \u00e9"})");
}

TEST_CASE_METHOD(bad_json, "J2 numbers that no double holds are refused",
                 "[system][bad_json]") {
  std::vector<wrong_body> bodies;
  for (const std::string number :
       {"1e400", "-1e400", "1e309", "-1e+9999", "1e99999999999999999999",
        "18446744073709551616", "-9223372036854775809",
        "100000000000000000000"})
    bodies.push_back({event("{\"a\":" + number + "}"), "/metadata/a"});
  bodies.push_back({event("{\"a\":" + times(400, "9") + "}"), "/metadata/a"});
  bodies.push_back({event(R"({"a":{"b":[1,1e400]}})"), "/metadata/a/b/1"});
  are_refused("number_out_of_range", bodies);
}

TEST_CASE_METHOD(bad_json, "J2 whole numbers are kept to the last digit",
                 "[system][bad_json]") {
  for (const std::string number :
       {"9007199254740991", "9007199254740993", "-9007199254740993",
        "9223372036854775807", "9223372036854775808", "18446744073709551615",
        "-9223372036854775808", "0", "-7"})
    is_kept("{\"a\":" + number + "}");
}

TEST_CASE_METHOD(bad_json, "J3 a key that an object names twice is refused",
                 "[system][bad_json]") {
  are_refused("duplicate_key",
              {{R"({"type":"a","type":"b"})", "/type"},
               {event(R"({"a":1,"b":2,"a":1})"), "/metadata/a"},
               {event(R"({"a":{"b":1,"b":2}})"), "/metadata/a/b"},
               {event(R"({"a":1,"\u0061":2})"), "/metadata/a"},
               {at_top(R"("__proto__":1,"__proto__":2)"), "/__proto__"}});
}

TEST_CASE_METHOD(bad_json, "J1 nesting ends at 32", "[system][bad_json]") {
  are_refused("body_too_deep",
              {{event(times(32, "{\"a\":") + "1" + times(32, "}")),
                "/metadata" + times(31, "/a")},
               {times(33, "["), times(32, "/0")},
               {times(60'000, "["), times(32, "/0")},
               {times(10'000, "{\"a\":"), times(32, "/a")}});
  is_kept(times(31, "{\"a\":") + "1" + times(31, "}"));
}

TEST_CASE_METHOD(bad_json, "J7 an object has 256 keys at most",
                 "[system][bad_json]") {
  are_refused("too_many_keys",
              {{event(keys(257)), "/metadata/k256"}, {keys(300), "/k256"}});
  is_kept(keys(256));
}

TEST_CASE_METHOD(bad_json, "a body that is no object is refused",
                 "[system][bad_json]") {
  are_refused("field_type_mismatch",
              {{"1"}, {"\"x\""}, {"null"}, {"true"}, {"[]"}, {"[{}]"}, {"-0"}});
}

TEST_CASE_METHOD(bad_json, "G39 J8 names that are not snake_case are refused",
                 "[system][bad_json]") {
  are_refused(
    "metadata_key_invalid",
    {{event(R"({"orderId":1})"), "/metadata/orderId"},
     {event(R"({"$a":1})"), "/metadata/$a"},
     {event(R"({"__proto__":{"admin":true}})"), "/metadata/__proto__"},
     {event(R"({"a":{"__proto__":1}})"), "/metadata/a/__proto__"}});
}

TEST_CASE_METHOD(bad_json, "J8 names that begin with $ are the platform's",
                 "[system][bad_json]") {
  are_refused(
    "reserved_event_name",
    {{R"({"type":"$x","contact":)" + by_external_id(who_) + "}", "/type"}});
}

TEST_CASE_METHOD(bad_json, "J8 names that JavaScript minds are plain data",
                 "[system][bad_json]") {
  is_kept(R"({"constructor":{"prototype":{"admin":true}},"prototype":1,)"
          R"("has_own_property":"x","to_string":"y"})");
  const auto made = api.emit(at_top(R"("__proto__":{"x":1},"constructor":7)"));
  CHECK(made.status == 200);
  CHECK(made.body.find("\"x\":1") == std::string::npos);
}

TEST_CASE_METHOD(bad_json, "G38 metadata ends at 4,096 bytes",
                 "[system][bad_json]") {
  const auto of_size = [](std::size_t bytes) {
    return "{\"a\":\"" + std::string(bytes - 8, 'x') + "\"}";
  };
  are_refused("metadata_too_large", {{event(of_size(4'097)), "/metadata"}});
  is_kept(of_size(4'096));
}

TEST_CASE_METHOD(bad_json, "J6 what is shown is at most twice what was sent",
                 "[system][bad_json]") {
  std::string list;
  for (int i = 0; i < 500; ++i)
    list += (i == 0 ? "" : ",") + "1e300"s;
  const auto made = api.emit(event("{\"a\":[" + list + "]}"));
  REQUIRE(made.status == 200);
  CHECK(event_of(api, made).body.size() < 2 * list.size() + 1'000);
}

TEST_CASE_METHOD(bad_json, "JSON may have blanks around it",
                 "[system][bad_json]") {
  CHECK(api.emit(" \t\r\n" + event("{}") + " \t\r\n").status == 200);
}
