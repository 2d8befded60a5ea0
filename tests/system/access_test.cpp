// Workspaces and API keys over the real socket.
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace troupe::test;

namespace {

/// A workspace of its own, with a key of every scope.
struct tenant {
  explicit tenant(api_client& admin)
    : made{admin.post("/v1/workspaces",
                      R"({"name":")" + fresh("tenant ") + "\"}")},
      api{shared_server().port(), made.text("/key")} {
    INFO(made.body);
    REQUIRE(made.status == 201);
  }

  [[nodiscard]] std::string id() const {
    return made.text("/id");
  }

  api_answer made;
  api_client api;
};

class access_case : protected with_server {
protected:
  api_answer make_key(api_client& by, const std::string& scopes,
                      const std::string& kind = "secret") {
    return by.post("/v1/keys", R"({"name":"k","kind":")" + kind
                                 + R"(","scopes":)" + scopes + "}");
  }

  static api_client with_key(const api_answer& made) {
    return api_client{shared_server().port(), made.text("/key")};
  }
};

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream{file, std::ios::binary}.rdbuf();
  return out.str();
}

struct route {
  const char* method;
  std::string path;
  const char* scope;
  std::string body;
};

std::vector<route> every_route() {
  const std::string event = "evt_00000000000000000000000000";
  return {
    {"POST", "/v1/events", "events:write", "{}"},
    {"GET", "/v1/events", "events:read", ""},
    {"GET", "/v1/events/" + event, "events:read", ""},
    {"GET", "/v1/contacts/external_id:x", "events:read", ""},
    {"GET", "/v1/contacts/external_id:x/runs", "events:read", ""},
    {"GET", "/v1/contacts/external_id:x/timeline", "events:read", ""},
    {"POST", "/v1/sequences", "manage", "{}"},
    {"POST", "/v1/webhooks", "manage", "{}"},
    {"POST", "/v1/channels", "manage", "{}"},
    {"POST", "/v1/keys", "manage", "{}"},
    {"GET", "/v1/keys", "manage", ""},
    {"DELETE", "/v1/keys/key_x", "manage", ""},
    {"GET", "/v1/workspaces/ws_x", "manage", ""},
    {"PATCH", "/v1/workspaces/ws_x", "manage", "{}"},
    {"GET", "/v1/audit-log", "manage", ""},
    {"POST", "/v1/workspaces", "admin", "{}"},
    {"GET", "/v1/workspaces", "admin", ""},
  };
}

header_list json_fields(const route& to) {
  if (to.body.empty())
    return {};
  return {{"Content-Type", "application/json"}};
}

const std::vector<std::string> scopes{"events:write", "events:read", "manage",
                                      "system:emit", "admin"};

} // namespace

TEST_CASE_METHOD(access_case,
                 "G73 A3 every route is open to keys with its scope and 403 "
                 "scope_required for all others",
                 "[system][access]") {
  for (const auto& scope : scopes) {
    auto client = with_key(make_key(api, "[\"" + scope + "\"]"));
    for (const auto& to : every_route()) {
      const auto answer
        = client.send(to.method, to.path, to.body, json_fields(to));
      INFO(scope << " " << to.method << " " << to.path << " " << answer.body);
      if (scope == to.scope) {
        CHECK(answer.status != 403);
        CHECK(answer.status != 401);
      } else {
        CHECK(answer.status == 403);
        CHECK(answer.code() == "scope_required");
      }
    }
  }
}

TEST_CASE_METHOD(access_case,
                 "G72 A3 a revoked key is 401 revoked_api_key on every route "
                 "once its DELETE is answered",
                 "[system][access]") {
  const auto made
    = make_key(api, R"(["events:write","events:read","manage","admin"])");
  REQUIRE(made.status == 201);
  auto client = with_key(made);
  CHECK(client.get("/v1/keys").status == 200);
  const auto gone = api.send("DELETE", "/v1/keys/" + made.text("/id"), "", {});
  INFO(gone.body);
  CHECK(gone.status == 200);
  for (const auto& to : every_route()) {
    const auto refused
      = client.send(to.method, to.path, to.body, json_fields(to));
    INFO(to.method << " " << to.path << " " << refused.body);
    CHECK(refused.status == 401);
    CHECK(refused.code() == "revoked_api_key");
    CHECK(refused.header("www-authenticate") == "Bearer");
  }
  CHECK(api.send("DELETE", "/v1/keys/" + made.text("/id"), "", {}).status
        == 200);
}

TEST_CASE_METHOD(access_case,
                 "A3 requests pipelined behind the revocation of their own key "
                 "are refused",
                 "[system][access]") {
  const auto made = make_key(api, R"(["events:write","events:read","manage"])");
  const auto fields = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                      + made.text("/key") + "\r\n\r\n";
  troupe::support::raw_client raw{shared_server().port()};
  raw.send("GET /v1/events" + fields + "DELETE /v1/keys/" + made.text("/id")
           + fields + "GET /v1/events" + fields + "GET /v1/keys" + fields);
  CHECK(raw.receive().status == 200);
  CHECK(raw.receive().status == 200);
  CHECK(raw.receive().status == 401);
  CHECK(raw.receive().status == 401);
}

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

TEST_CASE_METHOD(access_case,
                 "G53 I1 I6 what another workspace has is as absent as what "
                 "does not exist",
                 "[system][access]") {
  tenant one{api};
  tenant two{api};
  const auto sent
    = one.api.emit(event_body("i1.sent", by_external_id("usr_i1")));
  REQUIRE(sent.status == 200);
  const auto key = make_key(one.api, R"(["events:read"])");
  const auto same_shape
    = [&](const char* method, const std::string& foreign,
          const std::string& absent, const std::string& body = "") {
        const auto fields = json_fields({method, "", "", body});
        const auto there = two.api.send(method, foreign, body, fields);
        const auto nowhere = two.api.send(method, absent, body, fields);
        INFO(method << " " << foreign << " " << there.body);
        CHECK(there.status == 404);
        CHECK(nowhere.status == 404);
        CHECK(there.code() == nowhere.code());
        CHECK(there.text("/detail") == nowhere.text("/detail"));
        CHECK(there.json.as_object().size() == nowhere.json.as_object().size());
      };
  const std::string none = "00000000000000000000000000";
  same_shape("GET", "/v1/events/" + sent.text("/id"), "/v1/events/evt_" + none);
  for (const std::string rest : {"", "/runs", "/timeline"}) {
    same_shape("GET", "/v1/contacts/" + sent.text("/contact/id") + rest,
               "/v1/contacts/con_" + none + rest);
    same_shape("GET", "/v1/contacts/external_id:usr_i1" + rest,
               "/v1/contacts/external_id:nobody" + rest);
  }
  same_shape("DELETE", "/v1/keys/" + key.text("/id"), "/v1/keys/key_" + none);
  same_shape("GET", "/v1/workspaces/" + one.id(), "/v1/workspaces/ws_" + none);
  same_shape("PATCH", "/v1/workspaces/" + one.id(), "/v1/workspaces/ws_" + none,
             R"({"name":"stolen"})");
  CHECK(two.api.get("/v1/events").at("/data").as_array().empty());
  CHECK(two.api.get("/v1/events?contact[id]=" + sent.text("/contact/id"))
          .at("/data")
          .as_array()
          .empty());
  CHECK(two.api.get("/v1/audit-log").at("/data").as_array().empty());
  CHECK(one.api.get("/v1/workspaces/" + one.id()).text("/name")
        == one.made.text("/name"));
}

TEST_CASE_METHOD(access_case,
                 "G58 I2 the same idempotency key in two workspaces is two "
                 "keys",
                 "[system][access]") {
  tenant one{api};
  tenant two{api};
  const auto body = event_body("g58.sent", by_external_id("usr_g58"));
  const auto first = one.api.emit(body, "same-key");
  const auto other = event_body("g58.other", by_external_id("usr_g58"));
  const auto second = two.api.emit(other, "same-key");
  CHECK(first.status == 200);
  CHECK(second.status == 200);
  CHECK(second.header("idempotent-replay").empty());
  CHECK(first.text("/id") != second.text("/id"));
}

TEST_CASE_METHOD(access_case, "a workspace is set up by its own keys",
                 "[system][access]") {
  tenant own{api};
  const auto path = "/v1/workspaces/" + own.id();
  const auto before = own.api.get(path);
  CHECK(before.text("/rate_limits") == "none");
  CHECK(before.text("/catalog") == "open");
  const auto patch = [&](const std::string& body) {
    return own.api.send("PATCH", path, body,
                        {{"Content-Type", "application/json"}});
  };
  const auto after
    = patch(R"({"name":"Renamed","retention_days":30,"catalog":"closed",)"
            R"("naming":"strict","pii":"redact","rate_limits":"redo"})");
  INFO(after.body);
  CHECK(after.status == 200);
  CHECK(after.text("/name") == "Renamed");
  CHECK(own.api.get(path).json == after.json);
  for (const auto& [body, pointer] :
       {std::pair{R"({"naming":"loose"})", "/naming"},
        std::pair{R"({"retention_days":0})", "/retention_days"},
        std::pair{R"({"rate_limits":"fast"})", "/rate_limits"},
        std::pair{R"({"rate_limits":{"key":{"per_second":0}}})",
                  "/rate_limits/key/per_second"},
        std::pair{R"({"rate_limits":{"all":1}})", "/rate_limits/all"},
        std::pair{R"({"id":"ws_1"})", "/id"}}) {
    const auto refused = patch(body);
    INFO(body << " " << refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.text("/errors/0/pointer") == pointer);
  }
  CHECK(own.api.get(path).json == after.json);
}

TEST_CASE_METHOD(access_case,
                 "a new workspace has the channels that sequences need",
                 "[system][access]") {
  tenant own{api};
  publish(
    own.api,
    R"({"key":"hi","status":"active","name":"Hi",)"
    R"("trigger":{"any":[{"event":"hi"}]},"entry":"s","nodes":{)"
    R"("s":{"type":"send","channel":"capture","subject":"Hi","then":"x"},)"
    R"("x":{"type":"exit"}}})");
  const auto sent = own.api.emit(event_body("hi", by_external_id("usr_hi")));
  CHECK(sent.number("/fan_out/sequences_woken") == 2);
}

TEST_CASE_METHOD(access_case, "workspaces are listed for administrators",
                 "[system][access]") {
  tenant own{api};
  std::string cursor;
  auto is_there = false;
  for (int pages = 0; pages < 100; ++pages) {
    const auto page = api.get("/v1/workspaces?limit=3" + cursor);
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      is_there = is_there || each.at("id").as_string() == own.id();
    if (!page.at("/has_more").as_bool())
      break;
    cursor = "&cursor=" + page.text("/next_cursor");
  }
  CHECK(is_there);
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
  std::string stored;
  for (const auto& file :
       std::filesystem::directory_iterator{server.directory() + "/data"})
    stored += content_of(file.path());
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
