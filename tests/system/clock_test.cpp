// What ends with time: the server is started again with its clock ahead.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

void restart(troupe_server& server, minutes ahead) {
  REQUIRE(server.stop() == 0);
  server.start(ahead);
}

std::size_t shown(const troupe_server& server, std::string_view contact) {
  return server.client()
    .get("/v1/events?contact[external_id]=" + std::string{contact})
    .at("/data")
    .as_array()
    .size();
}

} // namespace

TEST_CASE("G24 an event of 89 days and 23 hours ago is listed, one of 90 days "
          "and an hour ago is not",
          "[system][clock]") {
  troupe_server server;
  const auto who = by_external_id("usr_g24");
  const auto old = server.client().emit(event_body("order.completed", who));
  REQUIRE(old.status == 200);
  restart(server, days{89} + hours{23});
  CHECK(shown(server, "usr_g24") == 1);
  restart(server, days{90} + hours{1});
  auto api = server.client();
  CHECK(shown(server, "usr_g24") == 0);
  CHECK(api.get("/v1/events").at("/data").as_array().empty());
  CHECK(api.get("/v1/events?since=2020-01-01T00:00:00Z")
          .at("/data")
          .as_array()
          .empty());
  // Its contact is known as before.
  const auto later = api.emit(event_body("order.completed", who));
  CHECK(later.text("/contact/id") == old.text("/contact/id"));
  CHECK(shown(server, "usr_g24") == 1);
}

TEST_CASE("G60 a key is known for 24 hours and free afterwards",
          "[system][clock]") {
  troupe_server server;
  const auto body = event_body("order.completed", by_external_id("usr_g60"));
  const auto first = server.client().emit(body, "g60");
  REQUIRE(first.status == 200);
  restart(server, hours{23} + minutes{59});
  const auto replay = server.client().emit(body, "g60");
  CHECK(replay.header("idempotent-replay") == "true");
  CHECK(replay.body == first.body);
  restart(server, hours{24} + minutes{1});
  const auto second = server.client().emit(body, "g60");
  CHECK(second.status == 200);
  CHECK(second.header("idempotent-replay").empty());
  CHECK(second.text("/id") != first.text("/id"));
  CHECK(shown(server, "usr_g60") == 2);
}
