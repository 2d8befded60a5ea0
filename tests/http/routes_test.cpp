#include "http/routes.hpp"

#include <catch2/catch.hpp>

using namespace troupe::http;
using outcome = route_match::outcome;

namespace {

routes sample() {
  routes table;
  table.add("GET", "/v1/events", 1);
  table.add("POST", "/v1/events", 2);
  table.add("GET", "/v1/{kind}/{id}", 3);
  table.add("GET", "/v1/events/{id}", 4);
  table.add("DELETE", "/v1/events/{id}", 5);
  table.add("GET", "/v1/events/stream", 6);
  table.add("POST", "/v1/events/{id}/replay", 7);
  return table;
}

} // namespace

TEST_CASE("a route is found by method and path", "[http][routes]") {
  const auto table = sample();
  CHECK(table.match("GET", "/v1/events").target == 1);
  CHECK(table.match("POST", "/v1/events").target == 2);
  CHECK(table.match("DELETE", "/v1/events/x").target == 5);
  const auto found = table.match("GET", "/v1/things/x:y@z");
  CHECK(found.what == outcome::found);
  CHECK(found.target == 3);
  CHECK(found.parameter("kind") == "things");
  CHECK(found.parameter("id") == "x:y@z");
  CHECK(found.parameter("other").empty());
}

TEST_CASE("a literal segment wins over a named one", "[http][routes]") {
  const auto table = sample();
  CHECK(table.match("GET", "/v1/events/stream").target == 6);
  CHECK(table.match("GET", "/v1/events/other").target == 4);
  CHECK(table.match("GET", "/v1/events/other").parameters.size() == 1);
}

TEST_CASE("a path that nobody serves is not found", "[http][routes]") {
  const auto table = sample();
  for (const auto* path :
       {"/", "/v1", "/v1/events/", "/V1/events", "/v1/events/x/replay/",
        "/v1/events//replay", "/v1/events/x/y/z", "*"})
    CHECK(table.match("GET", path).what == outcome::not_found);
}

TEST_CASE("H9: another method is told which are allowed", "[http][routes]") {
  const auto table = sample();
  const auto plain = table.match("TRACE", "/v1/events");
  CHECK(plain.what == outcome::method_not_allowed);
  CHECK(plain.allow == "GET, HEAD, POST");
  const auto named = table.match("GET", "/v1/events/x/replay");
  CHECK(named.what == outcome::method_not_allowed);
  CHECK(named.allow == "POST");
  CHECK(table.match("get", "/v1/events").what == outcome::method_not_allowed);
}

TEST_CASE("H9: HEAD is served where GET is", "[http][routes]") {
  const auto table = sample();
  CHECK(table.match("HEAD", "/v1/events").target == 1);
  CHECK(table.match("HEAD", "/v1/events/x/replay").what
        == outcome::method_not_allowed);
}
