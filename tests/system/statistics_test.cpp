// What events of a type say, counted.
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class statistics : protected with_server {
protected:
  void send(const std::string& type, const std::string& metadata,
            const std::string& more = "") {
    auto body = event_body(type, by_external_id(fresh("usr_")), metadata);
    body.insert(body.size() - 1, more);
    const auto sent = own.api.emit(body);
    INFO(sent.body);
    REQUIRE(sent.status == 200);
  }

  api_answer of(const std::string& type) {
    return own.api.get("/v1/event-types/" + type + "/stats");
  }

  static double real(const api_answer& from, const std::string& pointer) {
    return from.at(pointer).to_number<double>();
  }

  tenant own{api};
};

} // namespace

TEST_CASE_METHOD(statistics,
                 "R6 R7 R8 events of one name are counted with their "
                 "properties, as soon as they are acknowledged",
                 "[system][statistics]") {
  send("cart.changed", R"({"items":3,"gift":true})");
  send("cart.changed", R"({"items":"many","note":{"a":1},"tags":["x"]})");
  send("cart.left", "{}");
  const auto found = of("cart.changed");
  INFO(found.body);
  REQUIRE(found.status == 200);
  CHECK(found.text("/type") == "cart.changed");
  CHECK(found.number("/count") == 2);
  CHECK(found.text("/first_at") <= found.text("/last_at"));
  CHECK(found.at("/value").as_array().empty());
  CHECK(found.number("/properties/items/count") == 2);
  CHECK(found.at("/properties/items/types")
        == boost::json::value(boost::json::array{"string", "number"}));
  CHECK(found.number("/properties/gift/count") == 1);
  CHECK(found.text("/properties/gift/types/0") == "boolean");
  CHECK(found.text("/properties/note/types/0") == "object");
  CHECK(found.text("/properties/tags/types/0") == "array");
  CHECK(of("cart.left").number("/count") == 1);
  for (int i = 0; i < 20; ++i) {
    send("cart.left", "{}");
    CHECK(of("cart.left").number("/count") == i + 2);
  }
}

TEST_CASE_METHOD(statistics,
                 "R12 R13 values are summed and averaged by currency, and "
                 "never over two",
                 "[system][statistics]") {
  send("bought", "{}", R"(,"value":0.1,"value_currency":"EUR")");
  send("bought", "{}", R"(,"value":0.2,"value_currency":"eur")");
  send("bought", "{}", R"(,"value":100,"value_currency":"USD")");
  send("bought", "{}", R"(,"value":-7)");
  send("bought", "{}");
  const auto found = of("bought");
  INFO(found.body);
  CHECK(found.number("/count") == 5);
  REQUIRE(found.at("/value").as_array().size() == 3);
  CHECK(found.at("/value/0/currency").is_null());
  CHECK(real(found, "/value/0/sum") == -7);
  CHECK(found.text("/value/1/currency") == "EUR");
  CHECK(found.number("/value/1/count") == 2);
  CHECK(real(found, "/value/1/sum") == 0.3);
  CHECK(real(found, "/value/1/avg") == 0.15);
  CHECK(found.text("/value/2/currency") == "USD");
  CHECK(real(found, "/value/2/avg") == 100);
  for (const auto* wrong :
       {R"(,"value":"5")", R"(,"value":true)", R"(,"value":1e16)",
        R"(,"value":1,"value_currency":"EURO")",
        R"(,"value":1,"value_currency":"E1R")",
        R"(,"value":1,"value_currency":3)", R"(,"value_currency":"EUR")"}) {
    auto body = event_body("bought", by_external_id(fresh("usr_")));
    body.insert(body.size() - 1, wrong);
    CHECK(own.api.emit(body).status == 422);
  }
}

TEST_CASE_METHOD(statistics,
                 "R6 a type is of its workspace, and one without events counts "
                 "none",
                 "[system][statistics]") {
  send("here.only", "{}");
  tenant other{api};
  CHECK(other.api.get("/v1/event-types/here.only/stats").code()
        == "event_type_not_found");
  REQUIRE(own.api.post("/v1/event-types", R"({"name":"not.yet"})").status
          == 201);
  const auto none = of("not.yet");
  CHECK(none.number("/count") == 0);
  CHECK(none.at("/first_at").is_null());
}

TEST_CASE_METHOD(statistics, "the first 200 properties of a type are counted",
                 "[system][statistics]") {
  for (int event = 0; event < 3; ++event) {
    std::string metadata = "{";
    for (int i = 0; i < 100; ++i)
      metadata
        += (i == 0 ? "\"p" : ",\"p") + std::to_string(event * 100 + i) + "\":1";
    send("wide", metadata + "}");
  }
  const auto found = of("wide");
  CHECK(found.number("/count") == 3);
  CHECK(found.at("/properties").as_object().size() == 200);
}

TEST_CASE("what was counted is counted once over a restart",
          "[system][statistics]") {
  troupe_server server;
  const auto count = [&] {
    auto api = server.client();
    return api.get("/v1/event-types/kept.on/stats").number("/count");
  };
  const auto send = [&](int times) {
    auto api = server.client();
    for (int i = 0; i < times; ++i)
      REQUIRE(
        api.emit(event_body("kept.on", by_external_id(fresh("usr_")))).status
        == 200);
  };
  send(5);
  CHECK(count() == 5);
  send(4);
  server.kill();
  server.start();
  CHECK(count() == 9);
  send(1);
  CHECK(count() == 10);
}
