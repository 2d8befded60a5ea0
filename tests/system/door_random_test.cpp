// Requests of every door with members that were changed at random: none ends
// the server or is its fault.
#include "tests/support/random_values.hpp"
#include "tests/system/door_case.hpp"
#include "tests/system/door_requests.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace json = boost::json;

namespace {

struct door_request {
  std::string method, path, authorization, type;
  std::string body;
};

const std::string form = "application/x-www-form-urlencoded";

class door_random : protected door_case {
protected:
  std::vector<door_request> requests() const {
    const auto bearer = "Bearer " + key;
    const auto family = basic(key + ":");
    const auto site = basic("site:" + key);
    const std::string plain = "application/json";
    return {
      {"POST", "/v1/batch", family, plain,
       R"({"batch":[{"type":"track","event":"e","userId":"u","anonymousId":"a",)"
       R"("messageId":"m","timestamp":"2026-11-01T10:00:00Z",)"
       R"("originalTimestamp":"2026-11-01T10:00:00Z","properties":{"n":1},)"
       R"("context":{"ip":"auto","traits":{"email":"a@example.com"}}},)"
       R"({"type":"alias","userId":"u","previousId":"p"},)"
       R"({"type":"group","userId":"u","groupId":"g","traits":{"n":1}},)"
       R"({"type":"page","anonymousId":"a","name":"Home"}],)"
       R"("context":{"library":{"name":"x"}},"sentAt":"2026-11-01T10:00:00Z"})"},
      {"POST", "/v1/batch", bearer, plain,
       R"({"batch":[{"type":"identify","user_id":"u","anonymous_id":"a",)"
       R"("message_id":"m","timestamp":"2026-11-20T10:00:00Z",)"
       R"("traits":{"email":"a@example.com","phone":"+14155550123"}},)"
       R"({"type":"track","event":"e","user_id":"u","properties":{"n":1}}]})"},
      {"POST", "/batch", "", plain,
       R"({"api_key":"KEY","sent_at":"2026-11-20T10:00:00Z","batch":[{)"
       R"("event":"$identify","distinct_id":"u","uuid":"i","timestamp":)"
       R"("2026-11-20T10:00:00Z","properties":{"$anon_distinct_id":"a",)"
       R"("$set":{"email":"a@example.com"},"$device_id":"d","$unset":["x"]}},)"
       R"({"event":"$create_alias","distinct_id":"u","offset":1,)"
       R"("properties":{"alias":"b"}}]})"},
      {"POST", "/2/httpapi", "", plain,
       R"({"api_key":"KEY","events":[{"event_type":"e","user_id":"u",)"
       R"("device_id":"d","time":1793527200000,"insert_id":"i",)"
       R"("event_properties":{"n":1},"user_properties":{"$set":{"x":1},)"
       R"("$unset":{"y":"-"}}},{"event_type":"$identify","user_id":"u",)"
       R"("user_properties":{"z":1}}]})"},
      {"POST", "/e", "", form,
       R"({"api_key":"KEY","event":"e","distinct_id":"u","uuid":"i",)"
       R"("properties":{"$set":{"x":1},"$device_id":"d"}})"},
      {"POST", "/2/httpapi", "", form,
       R"([{"event_type":"e","user_id":"u","timestamp":1793527200000,)"
       R"("uuid":"i","event_properties":{"n":1}}])"},
      {"POST", "/e/" + key, "", plain,
       R"([{"name":"e","id":"i","ts":1793527200000,"data":{"userId":"u"},)"
       R"("user":{"external_id":"u","email":"a@example.com"}}])"},
      {"POST", "/api/v1/events/send", bearer, plain,
       R"({"eventName":"e","userId":"u","email":"a@example.com",)"
       R"("eventProperties":{"n":1},"plan":"pro"})"},
      {"PUT", "/api/v1/customers/u", site, plain,
       R"({"email":"a@example.com","plan":"pro","anonymous_id":"a",)"
       R"("cio_relationships":{"n":1}})"},
      {"POST", "/api/v1/customers/u/events", site, plain,
       R"({"name":"e","type":"event","id":"i","timestamp":1793527200,)"
       R"("anonymous_id":"a","data":{"n":1}})"},
      {"POST", "/api/v1/merge_customers", site, plain,
       R"({"primary":{"id":"u"},"secondary":{"email":"b@example.com"}})"},
      {"POST", "/api/v2/batch", site, plain,
       R"({"batch":[{"type":"person","action":"identify","identifiers":)"
       R"({"id":"u","email":"a@example.com"},"attributes":{"n":1}},)"
       R"({"type":"person","action":"event","name":"e","identifiers":)"
       R"({"id":"u"},"timestamp":1793527200,"attributes":{"n":1}},)"
       R"({"type":"person","action":"merge","primary":{"id":"u"},)"
       R"("secondary":{"email":"b@example.com"}},)"
       R"({"type":"person","action":"add_device","identifiers":{"id":"u"},)"
       R"("device":{"id":"d","platform":"ios"}}]})"},
      {"POST", "/v1/cloudevents", bearer, "application/cloudevents-batch+json",
       R"([{"specversion":"1.0","id":"1","source":"s","type":"e",)"
       R"("subject":"u","time":"2026-11-20T10:00:00Z","contactphone":)"
       R"("+14155550123","contactanonymousid":"a","data":{"n":1}}])"},
      {"POST", "/v2.2/stores/" + own.id() + "/events/bulk", bearer, plain,
       R"({"events":[{"eventName":"e","uniqueId":"i","value":1.5,)"
       R"("valueCurrency":"EUR","time":"2026-11-20T10:00:00Z","customer":)"
       R"({"id":"u","email":"a@example.com","phoneNumber":"+14155550123",)"
       R"("firstName":"Ada"},"properties":{"$extra":{"n":1}}}]})"},
      {"POST", "/v1/events", bearer, plain,
       R"({"type":"e","contact":{"external_id":"u","email":"a@example.com",)"
       R"("anonymous_id":"a"},"metadata":{"n":1},)"
       R"("occurred_at":"2026-11-20T10:00:00Z"})"}};
  }

  /// As the request's kind wants it; one in eight forms is cut.
  std::string packed(const door_request& meant, std::string text) {
    if (meant.type != form)
      return text;
    text = meant.path == "/e" ? "data=" + percent_encode(basic(text).substr(6))
                              : "client=" + key + "&e=" + percent_encode(text);
    return random.below(8) == 0 ? text.substr(0, random.below(text.size()))
                                : text;
  }

  json::value some_value() {
    static const json::array values{nullptr,
                                    true,
                                    0,
                                    -1,
                                    1.5,
                                    1e300,
                                    9'007'199'254'740'993,
                                    "",
                                    " ",
                                    "null",
                                    "0",
                                    "undefined",
                                    "u",
                                    "U",
                                    "a@example.com",
                                    "@",
                                    "+1",
                                    "con_0",
                                    "con_01M83PSTW99XHQCECDJ7D1CHCW",
                                    "2099-01-01T00:00:00Z",
                                    "1970-01-01",
                                    "$identify",
                                    "track",
                                    "\xC3\xA9",
                                    std::string(300, 'x'),
                                    std::string(70'000, 'y'),
                                    json::array{},
                                    json::array{1, nullptr},
                                    json::object{},
                                    json::object{{"id", "u"}},
                                    json::object{{"$set", nullptr}}};
    return values[random.below(values.size())];
  }

  /// Replaces, removes, adds or repeats something somewhere within it.
  void change(json::value& in) {
    auto* const object = in.if_object();
    auto* const array = in.if_array();
    const auto size = object != nullptr  ? object->size()
                      : array != nullptr ? array->size()
                                         : 0;
    if (size == 0) {
      in = some_value();
      return;
    }
    const auto at = random.below(size);
    auto& inner
      = object != nullptr ? (object->begin() + at)->value() : array->at(at);
    if (random.below(4) != 0 && (inner.is_object() || inner.is_array()))
      return change(inner);
    if (random.below(3) != 0)
      inner = some_value();
    else if (object != nullptr)
      object->erase(object->begin() + at);
    else if (random.below(2) == 0)
      array->erase(array->begin() + at);
    else
      array->push_back(json::value(inner));
  }

  dice random{0};
};

} // namespace

TEST_CASE_METHOD(door_random,
                 "no door fails at members that were changed at random",
                 "[door_random]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  random = dice{seed};
  const auto* rounds = std::getenv("TROUPE_DOOR_REQUESTS");
  const auto all = requests();
  for (auto left = rounds != nullptr ? std::atoi(rounds) : 600; left > 0;
       --left) {
    const auto& meant = all[random.below(all.size())];
    auto body = json::parse(meant.body);
    for (auto times = 1 + random.below(3); times > 0; --times)
      change(body);
    if (meant.body.find("KEY") != std::string::npos && body.is_object())
      body.get_object()["api_key"] = "KEY"; // guesses are counted
    auto text = json::serialize(body);
    for (auto at = text.find("KEY"); at != text.npos; at = text.find("KEY"))
      text.replace(at, 3, key);
    text = packed(meant, std::move(text));
    header_list headers{{"Content-Type", meant.type}};
    if (!meant.authorization.empty())
      headers.emplace_back("Authorization", meant.authorization);
    const auto answer = nobody.send(meant.method, meant.path, text, headers);
    INFO(meant.method << " " << meant.path << "\n"
                      << text.substr(0, 2000) << "\n"
                      << answer.status << " " << answer.body);
    REQUIRE(answer.status >= 200);
    REQUIRE(answer.status < 500);
  }
  const auto page = events();
  for (const auto& each : page.at("/data").as_array())
    CHECK(each.at("contact").at("id").as_string().starts_with("con_"));
}
