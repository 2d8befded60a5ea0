// API keys over the real socket: made, listed, revoked, sent.
#include "tests/system/fixture.hpp"
#include "tests/system/tenant.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe::test;

TEST_CASE_METHOD(access_case, "keys are listed with what is public of them",
                 "[system][access]") {
  tenant own{api};
  const auto made = make_key(own.api, R"(["events:read"])", "test");
  CHECK(made.text("/key").starts_with("tr_test_"));
  CHECK(made.text("/key").substr(0, 16) == made.text("/prefix"));
  const auto write
    = own.api.post("/v1/keys", R"({"name":"browser","kind":"write"})");
  CHECK(write.text("/key").starts_with("tr_write_"));
  CHECK(write.at("/scopes") == boost::json::parse(R"(["events:write"])"));
  const auto first = own.api.get("/v1/keys?limit=2");
  INFO(first.body);
  REQUIRE(first.status == 200);
  CHECK(first.at("/data").as_array().size() == 2);
  CHECK(first.at("/has_more").as_bool());
  CHECK(first.text("/data/0/kind") == "secret");
  CHECK(first.text("/data/1/id") == made.text("/id"));
  CHECK(first.text("/data/0/last_used_at") != "");
  CHECK(first.at("/data/1/last_used_at").is_null());
  for (const auto* member : {"/data/0/hash", "/data/0/key"})
    CHECK_FALSE(first.has(member));
  const auto rest
    = own.api.get("/v1/keys?cursor=" + first.text("/next_cursor"));
  REQUIRE(rest.at("/data").as_array().size() == 1);
  CHECK(rest.text("/data/0/id") == write.text("/id"));
  CHECK_FALSE(rest.at("/has_more").as_bool());
}

TEST_CASE_METHOD(access_case, "wishes for keys that cannot be are refused",
                 "[system][access]") {
  struct wish {
    const char* body;
    int status;
    const char* pointer;
  };
  for (const auto& [body, status, pointer] :
       {wish{R"({"scopes":["manage"]})", 422, "/name"},
        wish{R"({"name":"","scopes":["manage"]})", 422, "/name"},
        wish{R"({"name":"k"})", 422, "/scopes"},
        wish{R"({"name":"k","scopes":[]})", 422, "/scopes"},
        wish{R"({"name":"k","scopes":["root"]})", 422, "/scopes/0"},
        wish{R"({"name":"k","scopes":["manage"],"kind":"x"})", 422, "/kind"},
        wish{R"({"name":"k","scopes":["manage"],"kind":"write"})", 422,
             "/scopes"},
        wish{R"({"name":"k","scopes":["manage"],"more":1})", 422, "/more"},
        wish{R"([])", 422, ""}}) {
    const auto refused = api.post("/v1/keys", body);
    INFO(body << " " << refused.body);
    CHECK(refused.status == status);
    CHECK(refused.text("/errors/0/pointer") == pointer);
  }
  auto manager = with_key(make_key(api, R"(["manage"])"));
  const auto refused = make_key(manager, R"(["events:read"])");
  CHECK(refused.status == 403);
  CHECK(refused.code() == "scope_required");
  CHECK(make_key(manager, R"(["manage"])").status == 201);
}

TEST_CASE_METHOD(access_case,
                 "the last key of a workspace that can manage it stays",
                 "[system][access]") {
  tenant own{api};
  const auto first = own.api.get("/v1/keys").text("/data/0/id");
  const auto refused = own.api.send("DELETE", "/v1/keys/" + first, "", {});
  INFO(refused.body);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "last_manage_key");
  auto second = with_key(make_key(own.api, R"(["manage"])"));
  CHECK(second.send("DELETE", "/v1/keys/" + first, "", {}).status == 200);
  CHECK(own.api.get("/v1/keys").status == 401);
}

TEST_CASE("the last key that can administer the installation stays",
          "[system][access]") {
  troupe_server server;
  auto api = server.client();
  const auto first = api.get("/v1/keys").text("/data/0/id");
  const auto manager
    = api.post("/v1/keys", R"({"name":"m","scopes":["manage"]})");
  api_client other{server.port(), manager.text("/key")};
  const auto refused = other.send("DELETE", "/v1/keys/" + first, "", {});
  CHECK(refused.status == 409);
  CHECK(refused.code() == "last_admin_key");
}

TEST_CASE_METHOD(access_case, "Basic credentials carry a key as the user",
                 "[system][access]") {
  const auto write = api.post("/v1/keys", R"({"name":"b","kind":"write"})");
  const auto encode = [](std::string_view text) {
    constexpr std::string_view letters
      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
      unsigned group = 0;
      for (std::size_t j = 0; j < 3; ++j)
        group = group << 8
                | (i + j < text.size() ? static_cast<unsigned char>(text[i + j])
                                       : 0U);
      for (std::size_t j = 0; j < 4; ++j)
        out += i + j > text.size() ? '=' : letters[group >> (18 - 6 * j) & 63];
    }
    return out;
  };
  api_client bare{shared_server().port()};
  const auto body = event_body("basic.sent", by_external_id("usr_basic"));
  const auto send = [&](const std::string& credentials) {
    return bare.post("/v1/events", body, {{"Authorization", credentials}});
  };
  CHECK(send("Basic " + encode(write.text("/key") + ":")).status == 200);
  CHECK(send("basic " + encode(write.text("/key") + ":")).status == 200);
  for (const auto& wrong :
       {"Basic " + encode(write.text("/key")), "Basic " + encode(":"),
        std::string{"Basic ===="}, std::string{"Basic "},
        "Basic " + std::string(4096, 'A'),
        "Basic " + encode(write.text("/key") + ":password")})
    CHECK(send(wrong).status == 401);
}

TEST_CASE("A1 L2 keys are nowhere in the store, the answers and the log",
          "[system][access]") {
  troupe_server server;
  auto api = server.client();
  const auto made = api.post(
    "/v1/keys",
    R"({"name":"k","scopes":["manage","events:read","events:write"]})");
  const auto workspace = api.post("/v1/workspaces", R"({"name":"w"})");
  api_client other{server.port(), made.text("/key")};
  other.emit(event_body("a1.sent", by_external_id("usr_a1")));
  other.post("/v1/events", "{");
  api_client wrong{server.port(), made.text("/key") + "x"};
  CHECK(wrong.get("/v1/keys").status == 401);
  std::string answers;
  for (const auto* path : {"/v1/keys", "/v1/audit-log", "/v1/workspaces"})
    answers += other.get(path).body + api.get(path).body;
  api.send("DELETE", "/v1/keys/" + made.text("/id"), "", {});
  CHECK(other.get("/v1/keys").status == 401);
  REQUIRE(server.stop() == 0);
  const auto stored = server.stored();
  CHECK(stored.find(made.text("/prefix")) != std::string::npos);
  const auto log = server.errors();
  for (const auto& key :
       {made.text("/key"), workspace.text("/key"), server.key()}) {
    const auto secret = key.substr(16, 30);
    CHECK(stored.find(secret) == std::string::npos);
    CHECK(answers.find(secret) == std::string::npos);
  }
  CHECK(log.find(made.text("/key").substr(16, 30)) == std::string::npos);
  CHECK(log.find("authentication failed") != std::string::npos);
  CHECK(log.find("request_id") != std::string::npos);
}
