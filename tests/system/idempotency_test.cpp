// Idempotency keys, over the real socket.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class keys : protected with_server {
protected:
  std::string body(const std::string& type = "key.used") {
    return event_body(type, by_external_id(who), R"({"n":1,"m":"x"})");
  }

  std::size_t events(const std::string& type) {
    return api.get("/v1/events?contact[external_id]=" + who + "&type=" + type)
      .at("/data")
      .as_array()
      .size();
  }

  std::string who = fresh("usr_");
};

} // namespace

TEST_CASE_METHOD(keys,
                 "G54 G57 the same key twice is one event; the replay "
                 "has the first answer and says so",
                 "[system][idempotency]") {
  const auto key = fresh("g54:");
  const auto first = api.emit(body(), key);
  const auto second = api.emit(body(), key);
  REQUIRE(first.status == 200);
  CHECK(first.header("idempotent-replay").empty());
  CHECK(second.status == 200);
  CHECK(second.header("idempotent-replay") == "true");
  CHECK(second.body == first.body);
  CHECK(second.header("content-type") == first.header("content-type"));
  CHECK(events("key.used") == 1);
}

TEST_CASE_METHOD(keys,
                 "G54 sequences and webhooks fire once for one key, and "
                 "the replay reports the same numbers",
                 "[system][idempotency]") {
  const auto type = fresh("g54.fired.");
  publish(api, R"({"key":"g54","status":"active","reentry":"always",
    "trigger":{"any":[{"event":")"
                 + type + R"("}]},"entry":"count","nodes":{
    "count":{"type":"update","score_add":1,"then":"done"},
    "done":{"type":"exit"}}})");
  const auto key = fresh("g54:");
  const auto first = api.emit(body(type), key);
  const auto second = api.emit(body(type), key);
  INFO(first.body);
  CHECK(first.number("/fan_out/sequences_woken") == 2);
  CHECK(second.body == first.body);
  CHECK(contact_of(api, who).number("/score") == 1);
}

TEST_CASE_METHOD(keys,
                 "G57 a replay answers as the first time although the "
                 "contact has changed since",
                 "[system][idempotency]") {
  const auto key = fresh("g57:");
  const auto first = api.emit(body(), key);
  api.emit(event_body("key.changed", R"({"external_id":")" + who
                                       + R"(","email":")" + fresh("later")
                                       + "@example.com\"}"));
  CHECK(api.emit(body(), key).body == first.body);
}

TEST_CASE_METHOD(keys, "G56 a key is free text", "[system][idempotency]") {
  for (const std::string key : {"ord_8a72c0:completed", "a b c", "zażółć 日本",
                                "{\"k\":1}", "x/y?z=1&w", "~!@#$%^*()", "7"}) {
    const auto unique = key + " " + who;
    const auto first = api.emit(body(), unique);
    INFO(key << " " << first.body);
    CHECK(first.status == 200);
    CHECK(api.emit(body(), unique).text("/id") == first.text("/id"));
  }
}

TEST_CASE_METHOD(keys,
                 "G59 keys differ by case and have at most 200 "
                 "characters",
                 "[system][idempotency]") {
  const auto key = fresh("Case:");
  auto lower = key;
  lower[0] = 'c';
  CHECK(api.emit(body(), key).text("/id")
        != api.emit(body(), lower).text("/id"));
  const auto longest = who + std::string(200 - who.size(), 'k');
  CHECK(api.emit(body(), longest).status == 200);
  CHECK(api.emit(body(), longest).header("idempotent-replay") == "true");
  const auto wide = who + std::string(199 - who.size(), 'w');
  CHECK(api.emit(body(), wide + "日").status == 200);
  const auto refused = api.emit(body(), longest + "k");
  INFO(refused.body);
  CHECK(refused.status == 422);
  CHECK(refused.code() == "idempotency_key_invalid");
}

TEST_CASE_METHOD(keys,
                 "G61 a key with another body is 409 "
                 "idempotency_key_mismatch of type conflict",
                 "[system][idempotency]") {
  const auto key = fresh("g61:");
  const auto first = api.emit(body(), key);
  const auto refused = api.emit(body("key.other"), key);
  INFO(refused.body);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "idempotency_key_mismatch");
  CHECK(refused.text("/error/type") == "conflict");
  CHECK(events("key.other") == 0);
  CHECK(api.emit(body(), key).body == first.body);
}

TEST_CASE_METHOD(keys,
                 "G61 a key with another contact in the body is a "
                 "mismatch too",
                 "[system][idempotency]") {
  const auto key = fresh("g61:");
  REQUIRE(api.emit(body(), key).status == 200);
  const auto refused = api.emit(
    event_body("key.used", by_external_id(fresh("usr_")), R"({"n":1,"m":"x"})"),
    key);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "idempotency_key_mismatch");
}

TEST_CASE_METHOD(keys,
                 "G61 the body is compared by its canonical form: order "
                 "of members and spaces do not matter",
                 "[system][idempotency]") {
  const auto key = fresh("g61:");
  const auto first = api.emit(body(), key);
  const auto again = api.emit(R"({ "metadata": {"m" : "x", "n" : 1},
    "contact": {"external_id": ")"
                                + who + R"("}, "type": "key.used" })",
                              key);
  INFO(again.body);
  CHECK(again.status == 200);
  CHECK(again.text("/id") == first.text("/id"));
}

TEST_CASE_METHOD(keys, "G63 a call that was refused has used no key",
                 "[system][idempotency]") {
  const auto key = fresh("g63:");
  CHECK(api.emit("{\"type\":\"key.used\"}", key).status == 422);
  const auto made = api.emit(body(), key);
  CHECK(made.status == 200);
  CHECK(made.header("idempotent-replay").empty());
}

TEST_CASE_METHOD(keys, "G64 reads ignore the key", "[system][idempotency]") {
  const auto key = fresh("g64:");
  const auto made = api.emit(body(), key);
  const auto target = "/v1/events?contact[external_id]=" + who;
  const auto read = api.get(target, {{"Idempotency-Key", key}});
  CHECK(read.status == 200);
  CHECK(read.header("idempotent-replay").empty());
  CHECK(read.at("/data").as_array().size() == 1);
  api.emit(body("key.more"));
  CHECK(
    api.get(target, {{"Idempotency-Key", key}}).at("/data").as_array().size()
    == 2);
}

TEST_CASE_METHOD(keys,
                 "G78 the key that the SDKs send is the Idempotency-Key field, "
                 "whatever its case",
                 "[system][idempotency]") {
  const auto key = fresh("ord_8a72c0:completed:");
  const header_list as_node{{"idempotency-key", key},
                            {"content-type", "application/json"}};
  const header_list as_python{{"Idempotency-Key", key},
                              {"Content-Type", "application/json"}};
  const auto first = api.send("POST", "/v1/events", body(), as_node);
  const auto second = api.send("POST", "/v1/events", body(), as_python);
  REQUIRE(first.status == 200);
  CHECK(second.body == first.body);
  CHECK(second.header("idempotent-replay") == "true");
  CHECK(api
          .send("POST", "/v1/events", body(),
                {{"Content-Type", "application/json"}})
          .text("/id")
        != first.text("/id"));
}
