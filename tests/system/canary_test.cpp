// L1, L2 What is secret or somebody's own goes in through every door, in good
// and in bad requests, and comes out in no log line, at level debug, and in no
// answer to somebody else.
#include "tests/support/raw_client.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace troupe::test;

namespace {

const std::string email = "canary-mail@example.org";
const std::string phone = "+4915112345678";
const std::string person = "canaryPerson";
const std::string value = "canaryValue";
const std::string in_query = "canaryQuery";
const std::string in_path = "canaryPath";
const std::string in_header = "canaryHeader";
const std::string in_url = "canaryUrlToken";
const std::string wrong_key = "tr_live_canaryWrongKey0000000000000000000000000";
const std::string basic = "Y2FuYXJ5OnNlY3JldA==";

std::string contact() {
  return R"({"external_id":")" + person + R"(","email":")" + email
         + R"(","phone":")" + phone + R"("})";
}

std::string metadata() {
  return R"({"secret":")" + value + R"("})";
}

/// What a client may do right and wrong, with all of the above in it.
void send_all(api_client& api, const std::string& url) {
  const auto good = event_body("canary.sent", contact(), metadata());
  CHECK(api.emit(good, "canaryKey-1").status == 200);
  CHECK(api.emit(good, "canaryKey-1").status == 200);
  CHECK(api.emit(event_body("canary.other", contact()), "canaryKey-1").status
        == 409);
  CHECK(api.emit(good.substr(0, good.size() - 2)).status == 422);
  CHECK(api.emit(event_body("", contact(), metadata())).status == 422);
  CHECK(api
          .emit(R"({"type":"a.b","contact":{"email":")" + email
                + R"( x"},"metadata":)" + metadata() + "}")
          .status
        == 422);
  CHECK(api.get("/v1/contacts/email:" + percent_encode(email)).status == 200);
  CHECK(
    api.get("/v1/contacts/phone:" + percent_encode(phone) + "/timeline").status
    == 200);
  CHECK(api.get("/v1/events?contact[email]=" + percent_encode(email)).status
        == 200);
  CHECK(api.get("/v1/events?api_key=" + in_query + "&limit=" + in_query).status
        >= 400);
  CHECK(api.get("/v1/" + in_path + "?token=" + in_query).status == 404);
  CHECK(api.send("DELETE", "/v1/events?x=" + in_query, "", {}).status == 405);
  CHECK(
    api.post("/v1/events", good, {{"Content-Type", "text/" + in_header}}).status
    == 415);
  CHECK(api
          .post("/v1/webhooks", R"({"url":"https://u:)" + in_url + "@" + in_url
                                  + R"(.invalid:1","events":[1]})")
          .status
        >= 400);
  CHECK(api
          .post("/v1/webhooks", R"({"url":")" + url + "?token=" + in_url
                                  + R"(","events":["canary.sent"]})")
          .status
        == 201);
  CHECK(api.post("/v1/sequences", R"({"key":")" + value + "\"}").status >= 400);
  CHECK(api.emit(good).status == 200); // and out by the webhook
}

/// Who is not known, and who does not speak HTTP.
void send_wrongly(const troupe_server& server) {
  api_client stranger{server.port(), wrong_key};
  CHECK(stranger.emit(event_body("a.b", contact(), metadata())).status == 401);
  api_client nobody{server.port()};
  CHECK(nobody
          .send("GET", "/v1/events?key=" + in_query, "",
                {{"Authorization", "Basic " + basic},
                 {"Cookie", "session=" + in_header},
                 {"X-Api-Key", in_header}})
          .status
        == 401);
  for (const auto& bytes :
       {"GET /" + in_path + " HTTP/1.1\r\n\r\n",
        "GET /" + in_path + "\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer "
          + server.key() + "\r\n\r\n",
        in_header + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x')
          + in_header + "\r\n\r\n"}) {
    troupe::support::raw_client raw{server.port()};
    CHECK(raw.ask(bytes).status >= 400);
  }
}

/// Everything that must not be seen.
std::vector<std::string> canaries(const std::string& key,
                                  const std::string& signing_secret) {
  return {email,         phone,         person,        value,
          in_query,      in_path,       in_header,     in_url,
          wrong_key,     basic,         key,           signing_secret,
          "canary-mail", "15112345678", "canaryKey-1", percent_encode(email)};
}

} // namespace

TEST_CASE("L2 nothing secret is logged, in either format", "[system][canary]") {
  const auto* format = GENERATE("json", "text");
  webhook_sink sink;
  troupe_server server{{"--log-level", "debug", "--log-format", format}};
  auto api = server.client();
  send_all(api, sink.url());
  send_wrongly(server);
  const auto made = api.post("/v1/webhooks", R"({"url":")" + sink.url()
                                               + R"(","events":["x.y"]})");
  const auto secret = made.text("/signing_secret");
  REQUIRE(secret.starts_with("whsec_"));
  REQUIRE_FALSE(sink.wait_for(1, std::chrono::seconds{20}).empty());
  server.running().signal(SIGHUP);
  CHECK(server.stop() == 0);
  const auto log = server.errors();
  // The floor: it was all logged, by its patterns.
  REQUIRE(log.find("/v1/contacts/{ref}") != std::string::npos);
  REQUIRE(log.find("authentication failed") != std::string::npos);
  for (const auto& each : canaries(server.key(), secret)) {
    INFO(each);
    CHECK(log.find(each) == std::string::npos);
  }
  CHECK(log.find('\x1b') == std::string::npos);
}

TEST_CASE("L2 nothing of one workspace is in an answer to another",
          "[system][canary]") {
  webhook_sink sink;
  troupe_server server;
  auto api = server.client();
  send_all(api, sink.url());
  const auto event = api.emit(event_body("a.b", contact(), metadata()));
  const auto hook = api.post("/v1/webhooks", R"({"url":")" + sink.url()
                                               + R"(","events":["x.y"]})");
  const auto other = api.post("/v1/workspaces", R"({"name":"other"})");
  REQUIRE(other.status == 201);
  api_client stranger{server.port(), other.text("/key")};
  std::vector<api_answer> answers{
    stranger.get("/v1/events"),
    stranger.get("/v1/events/" + event.text("/id")),
    stranger.get("/v1/contacts/" + event.text("/contact/id")),
    stranger.get("/v1/contacts/" + event.text("/contact/id") + "/timeline"),
    stranger.get("/v1/audit-log"),
    stranger.get("/v1/keys"),
    stranger.get("/v1/workspaces"),
    stranger.post("/v1/webhooks", "{"),
    // The same identities and keys, of a workspace that knows nobody.
    stranger.emit(event_body("a.b", R"({"external_id":"usr"})"), "canaryKey-1"),
    api_client{server.port()}.get("/v1/contacts/" + event.text("/contact/id")),
    api_client{server.port()}.get("/readyz"),
    api_client{server.port()}.get("/"),
  };
  for (const auto& answer : answers) {
    INFO(answer.body);
    CHECK(answer.status != 0);
    for (const auto& each :
         canaries(server.key(), hook.text("/signing_secret")))
      CHECK(answer.body.find(each) == std::string::npos);
  }
}

TEST_CASE("L2 an error repeats nobody's address", "[system][canary]") {
  auto api = shared_server().client();
  for (const auto* path : {
         "/v1/contacts/email:canary%40secret.example",
         "/v1/contacts/email:canary%40secret.example/timeline?limit=0",
         "/v1/contacts/email:canary@secret.example/nowhere",
         "/v1/events?canary%40secret.example=1",
         "/v1/events?contact[email]=canary%40secret.example&canary%40x=1",
       }) {
    const auto answer = api.get(path);
    INFO(path << ": " << answer.body);
    CHECK(answer.status >= 400);
    CHECK(answer.body.find("canary") == std::string::npos);
  }
}
