// Keys, the error envelope and the health of the server, over the real socket.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace troupe::test;

TEST_CASE_METHOD(with_server,
                 "G72 without a key every address is 401 "
                 "missing_authorization_header",
                 "[system][auth]") {
  api_client nobody{shared_server().port()};
  const auto body = event_body("auth.tried", by_external_id("usr_auth"));
  for (const auto& refused :
       {nobody.emit(body), nobody.get("/v1/events"),
        nobody.get("/v1/events/evt_00000000000000000000000000"),
        nobody.get("/v1/contacts/external_id:x"),
        nobody.get("/v1/contacts/external_id:x/timeline"),
        nobody.get("/v1/contacts/external_id:x/runs"),
        nobody.post("/v1/sequences", "{}"), nobody.post("/v1/webhooks", "{}"),
        nobody.post("/v1/channels", "{}")}) {
    INFO(refused.body);
    CHECK(refused.status == 401);
    CHECK(refused.code() == "missing_authorization_header");
    CHECK(refused.text("/error/type") == "authentication");
    CHECK(refused.header("www-authenticate").starts_with("Bearer"));
  }
}

TEST_CASE_METHOD(with_server,
                 "G72 a key that is not known is 401 "
                 "invalid_api_key",
                 "[system][auth]") {
  const auto& key = shared_server().key();
  auto changed = key;
  changed.back() = changed.back() == 'a' ? 'b' : 'a';
  auto shorter = key;
  shorter.pop_back();
  for (const auto& wrong : {changed, shorter, key + "x", std::string{"x"},
                            std::string{"tr_live_unknown"}}) {
    api_client stranger{shared_server().port(), wrong};
    const auto refused
      = stranger.emit(event_body("auth.tried", by_external_id("usr_auth")));
    INFO(refused.body);
    CHECK(refused.status == 401);
    CHECK(refused.code() == "invalid_api_key");
    if (wrong.size() > 5)
      CHECK(refused.body.find(wrong) == std::string::npos);
  }
  CHECK(contact_of(api, "usr_auth").status == 404);
}

TEST_CASE_METHOD(with_server,
                 "G72 credentials that are no bearer token are "
                 "401",
                 "[system][auth]") {
  api_client bare{shared_server().port()};
  for (const std::string value : {"Bearer", "Bearer ", "Token abc", "abc"}) {
    const auto refused = bare.get("/v1/events", {{"Authorization", value}});
    INFO(value << " " << refused.body);
    CHECK(refused.status == 401);
  }
}

TEST_CASE_METHOD(with_server,
                 "G74 every error has one envelope with a request "
                 "id of its own",
                 "[system][auth]") {
  api_client nobody{shared_server().port()};
  const auto refusals = {api.emit("{"),
                         api.emit("{\"type\":\"a\"}"),
                         nobody.get("/v1/events"),
                         api.get("/v1/contacts/external_id:nobody-has-this"),
                         api.get("/v1/events?limit=0"),
                         api.get("/v1/nowhere"),
                         api.send("DELETE", "/v1/events", "", {})};
  std::string last;
  for (const auto& refused : refusals) {
    INFO(refused.body);
    CHECK(refused.status >= 400);
    CHECK(
      refused.header("content-type").starts_with("application/problem+json"));
    for (const auto* member :
         {"/error/type", "/error/code", "/error/message", "/error/request_id"})
      CHECK_FALSE(refused.text(member).empty());
    CHECK(refused.at("/error/fields").is_array());
    CHECK(refused.number("/status") == refused.status);
    CHECK(refused.text("/error/request_id") != last);
    last = refused.text("/error/request_id");
  }
}

TEST_CASE_METHOD(with_server,
                 "an address that is not served is 404 and a "
                 "method that is not is 405 with Allow",
                 "[system][auth]") {
  CHECK(api.get("/v1/nowhere").status == 404);
  const auto refused = api.send("DELETE", "/v1/events", "", {});
  CHECK(refused.status == 405);
  CHECK(refused.header("allow").find("POST") != std::string::npos);
}

TEST_CASE("healthz and readyz answer 200 without a key", "[system][auth]") {
  api_client nobody{shared_server().port()};
  CHECK(nobody.get("/healthz").status == 200);
  const auto ready = nobody.get("/readyz");
  CHECK(ready.status == 200);
  CHECK(ready.text("/checks/storage") == "ok");
}

TEST_CASE("the first key's file is for its owner only", "[system][auth]") {
  struct stat about {};
  const auto file = shared_server().directory() + "/first-key";
  REQUIRE(stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK(shared_server().key().size() >= 32);
}

TEST_CASE_METHOD(with_server, "L2 the first key is in its file, not in the log",
                 "[system][auth]") {
  api.get("/v1/events");
  const auto errors = shared_server().errors();
  CHECK(errors.find("/first-key") != std::string::npos);
  CHECK(errors.find(shared_server().key()) == std::string::npos);
}
