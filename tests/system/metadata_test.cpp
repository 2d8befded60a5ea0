// What metadata may be and how it comes back, over the real socket.
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class metadata : protected with_server {
protected:
  api_answer send(const std::string& properties) {
    return api.emit(
      event_body("metadata.sent", by_external_id("usr_metadata"), properties));
  }

  void is_refused(const std::string& properties, const std::string& path = {}) {
    const auto refused = send(properties);
    INFO(properties.substr(0, 200) << " " << refused.body);
    CHECK(refused.status == 422);
    CHECK_FALSE(refused.code().empty());
    if (!path.empty())
      CHECK(refused.text("/error/fields/0/path") == path);
  }

  void comes_back(const std::string& properties) {
    const auto made = send(properties);
    INFO(properties << " " << made.body);
    REQUIRE(made.status == 200);
    CHECK(event_of(api, made).at("/metadata")
          == boost::json::parse(properties));
  }
};

// {"text":"xxx…"} of this many bytes.
std::string of_size(std::size_t bytes) {
  const std::string frame{R"({"text":""})"};
  return R"({"text":")" + std::string(bytes - frame.size(), 'x') + "\"}";
}

} // namespace

TEST_CASE_METHOD(metadata, "G37 metadata that is no object is refused",
                 "[system][metadata]") {
  for (const auto* text : {"[]", "[1]", "\"text\"", "7", "true"})
    is_refused(text, "metadata");
}

TEST_CASE_METHOD(metadata,
                 "G38 4,096 bytes of compact metadata are taken and "
                 "4,097 are not",
                 "[system][metadata]") {
  CHECK(send(of_size(4096)).status == 200);
  const auto refused = send(of_size(4097));
  CHECK(refused.status == 422);
  CHECK(refused.code() == "metadata_too_large");
}

TEST_CASE_METHOD(metadata,
                 "G38 spaces between the parts of metadata do not "
                 "count",
                 "[system][metadata]") {
  auto text = of_size(4096);
  text.insert(1, 3000, ' ');
  CHECK(send(text).status == 200);
}

TEST_CASE_METHOD(metadata,
                 "G39 keys that are not snake_case are refused at "
                 "every depth",
                 "[system][metadata]") {
  for (const std::string key : {"orderId", "Order", "order-id", "1a", "",
                                "a__b", "_a", "a_", "a b", "a.b", "ä"}) {
    is_refused("{\"" + key + "\":1}");
    is_refused("{\"outer\":{\"inner\":{\"" + key + "\":1}}}");
  }
  is_refused(R"({"outer":{"orderId":1}})", "metadata.outer.orderId");
  comes_back(R"({"a":1,"order_id":2,"a1_b2":3,"x":{"y_z":4}})");
}

TEST_CASE_METHOD(metadata, "G40 every value comes back with its type",
                 "[system][metadata]") {
  comes_back(R"({"price":42.99,"text":"42.99","no":false,"yes":true,"zero":0,
    "empty":"","list":[1,2,3],"words":["a","b"],"flags":[true,false],
    "nothing":[],"negative":-7,"large":9007199254740991})");
}

TEST_CASE_METHOD(metadata,
                 "G41 null, arrays of objects and nested arrays are "
                 "refused with their path",
                 "[system][metadata]") {
  is_refused(R"({"a":null})", "metadata.a");
  is_refused(R"({"a":[{"b":1}]})", "metadata.a.0");
  is_refused(R"({"a":[1,[2]]})", "metadata.a.1");
  is_refused(R"({"a":[1,null]})", "metadata.a.1");
  is_refused(R"({"a":{"b":null}})", "metadata.a.b");
}

TEST_CASE_METHOD(metadata, "G42 nested objects come back nested",
                 "[system][metadata]") {
  comes_back(R"({"a":{"b":1,"c":{"d":"deep"}}})");
}

TEST_CASE_METHOD(metadata, "text of any script comes back as it was",
                 "[system][metadata]") {
  comes_back(R"({"text":"Zażółć gęślą 日本語 😀 \"quoted\" \\ \n\t","e":"é"})");
}

TEST_CASE_METHOD(with_server,
                 "G75 J1-J5 bad bodies are refused by name, with "
                 "a pointer where there is one",
                 "[system][metadata]") {
  struct bad {
    std::string body;
    std::string code;
    std::string pointer;
  };
  const auto with = [](const std::string& properties) {
    return event_body("bad.sent", by_external_id("usr_bad"), properties);
  };
  std::string deep;
  for (int i = 0; i < 40; ++i)
    deep += "{\"a\":";
  deep += "1" + std::string(40, '}');
  const std::vector<bad> cases{
    {"", "body_invalid_json", ""},
    {"{", "body_invalid_json", ""},
    {"{\"type\":}", "body_invalid_json", ""},
    {with("{}") + "x", "body_invalid_json", ""},
    {"\xEF\xBB\xBF" + with("{}"), "body_invalid_json", ""},
    {with("{\"a\":\"\xFF\"}"), "body_invalid_json", ""},
    {with("{\"a\":\"\xC0\xAF\"}"), "body_invalid_json", ""},
    {with("{\"a\":\"\xED\xA0\x80\"}"), "body_invalid_json", ""},
    {with("{\"a\":NaN}"), "body_invalid_json", ""},
    {with("{\"a\":Infinity}"), "body_invalid_json", ""},
    {with(deep), "body_too_deep", ""},
    {with("{\"a\":1e400}"), "number_out_of_range", "/metadata/a"},
    {with("{\"a\":-1e999}"), "number_out_of_range", "/metadata/a"},
    {with(R"({"a":1,"a":2})"), "duplicate_key", "/metadata/a"},
    {R"({"type":"bad.sent","type":"b","contact":{"external_id":"usr_bad"}})",
     "duplicate_key", "/type"},
    {with(R"({"a":"x\u0000y"})"), "text_not_allowed", "/metadata/a"},
    {with(R"({"a":"\ud800"})"), "text_not_allowed", "/metadata/a"},
    {with(R"({"a":"\udc00\ud800"})"), "text_not_allowed", "/metadata/a"},
    {event_body("bad.sent", R"({"external_id":"a\u0000b"})"),
     "text_not_allowed", "/contact/external_id"}};
  for (const auto& each : cases) {
    const auto refused = api.emit(each.body);
    INFO(each.body << "\n" << refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.code() == each.code);
    if (!each.pointer.empty())
      CHECK(refused.text("/errors/0/pointer") == each.pointer);
  }
  CHECK(contact_of(api, "usr_bad").status == 404);
}

TEST_CASE_METHOD(metadata,
                 "J2 whole numbers beyond 2^53 come back digit by "
                 "digit",
                 "[system][metadata]") {
  for (const std::string digits : {"9007199254740993", "18446744073709551615",
                                   "-9223372036854775808", "1.10", "1e5"}) {
    const auto made = send("{\"number\":" + digits + "}");
    INFO(digits << " " << made.body);
    REQUIRE(made.status == 200);
    CHECK(event_of(api, made).body.find("\"number\":" + digits)
          != std::string::npos);
  }
  for (const std::string digits :
       {"18446744073709551616", "-9223372036854775809"})
    CHECK(send("{\"number\":" + digits + "}").code() == "number_out_of_range");
}

TEST_CASE_METHOD(metadata,
                 "G46 an address and a card number are accepted, and linted "
                 "where people look",
                 "[system][metadata]") {
  const auto made = send(
    R"({"shipping_address":"1 High St","card":"4111 1111 1111 1111","n":1})");
  REQUIRE(made.status == 200);
  CHECK_FALSE(made.has("/lints"));
  const auto shown = event_of(api, made);
  CHECK(shown.text("/lints/0/code") == "postal_address");
  CHECK(shown.text("/lints/0/path") == "shipping_address");
  CHECK(shown.text("/lints/1/code") == "card_number");
  CHECK(shown.text("/metadata/card") == "4111 1111 1111 1111");
  CHECK_FALSE(event_of(api, send(R"({"n":1})")).has("/lints"));
}

TEST_CASE_METHOD(metadata,
                 "G82 card numbers and secrets are masked in the timeline and "
                 "the audit log, and never refused",
                 "[system][metadata]") {
  REQUIRE(send(R"({"g82":true,"a":{"password":"hunter2"},)"
               R"("card":4111111111111111})")
            .status
          == 200);
  const auto timeline = contact_of(api, "usr_metadata", "/timeline");
  CHECK(timeline.text("/data/0/event/metadata/a/password") == "••••");
  CHECK(timeline.text("/data/0/event/metadata/card") == "••••1111");
  CHECK(timeline.text("/data/0/event/lints/0/code") == "secret");
  const auto audit
    = api.get("/v1/audit-log?contact[external_id]=usr_metadata&limit=1");
  INFO(audit.body);
  CHECK(audit.at("/data/0/details/metadata").as_object().at("g82") == true);
  for (const auto* shown : {&timeline, &audit}) {
    CHECK(shown->body.find("hunter2") == std::string::npos);
    CHECK(shown->body.find("4111111111111111") == std::string::npos);
  }
}

TEST_CASE_METHOD(metadata,
                 "J9 what looks like SQL or a script is plain data in every "
                 "field",
                 "[system][metadata]") {
  for (const std::string text :
       {"'; DROP TABLE turns; --", "\\\" OR 1=1", "%' OR '1'='1",
        "<script>alert(1)</script>", "${7*7}{{7*7}}", "\\u202e\\ufeff",
        "__proto__", "../../etc/passwd", "NULL", "1;SELECT pg_sleep(9)"}) {
    const auto who = fresh("usr_j9_") + text;
    const auto made = api.emit(event_body("j9." + text, by_external_id(who),
                                          "{\"text\":\"" + text + "\"}"));
    INFO(text << " " << made.body);
    REQUIRE(made.status == 200);
    const auto shown = event_of(api, made);
    CHECK(shown.at("/metadata")
          == boost::json::parse("{\"text\":\"" + text + "\"}"));
    const auto listed
      = api.get("/v1/events?contact[external_id]="
                + percent_encode(shown.text("/contact/external_id"))
                + "&type=" + percent_encode(shown.text("/type")));
    CHECK(listed.text("/data/0/id") == made.text("/id"));
    CHECK(listed.at("/data").as_array().size() == 1);
  }
}
