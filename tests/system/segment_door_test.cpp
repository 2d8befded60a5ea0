// The door of the Segment family (clients.md, "The compatibility contract").
#include "engine/time.hpp"
#include "tests/system/door_case.hpp"
#include "tests/system/door_requests.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace troupe;
using namespace troupe::test;

namespace {

class segment : protected door_case {
protected:
  /// As the family's libraries send: the key as the user of Basic.
  api_answer post(const std::string& path, const std::string& body,
                  header_list headers = {}) {
    headers.emplace_back("Authorization", basic(key + ":"));
    return nobody.send("POST", path, body, headers);
  }

  std::string track(const std::string& more) {
    return R"({"type":"track","event":"order.completed","userId":")" + user
           + "\"" + more + "}";
  }
};

} // namespace

TEST_CASE_METHOD(segment, "clients 1 3: a batch is taken once, with status 200",
                 "[segment]") {
  const auto body
    = R"({"batch":[)"
      R"({"type":"identify","userId":")"
      + user
      + R"(","traits":{"email":"ada@example.com","plan":"pro"},"messageId":"a"},)"
      + track(R"(,"properties":{"total":42.5},"messageId":"b")")
      + R"(],"sentAt":"2026-11-01T10:00:00.000Z"})";
  for (int i = 0; i < 2; ++i) {
    const auto answer = post("/v1/batch", body);
    INFO(answer.body);
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"success":true})");
  }
  const auto page = events();
  REQUIRE(page.at("/data").as_array().size() == 2);
  CHECK(page.text("/data/0/type") == "order.completed");
  CHECK(page.text("/data/0/message_id") == "b");
  CHECK(page.text("/data/0/door") == "segment");
  CHECK(page.text("/data/1/kind") == "identify");
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/email") == "ada@example.com");
  CHECK(contact.text("/attributes/plan") == "pro");
}

TEST_CASE_METHOD(segment,
                 "clients 4: one bad event is rejected and the rest is taken",
                 "[segment]") {
  const auto answer = post(
    "/v1/batch",
    R"({"batch":[{"type":"track","event":"lost"},)" + track("")
      + R"(,{"type":"walk","userId":"x"},{"type":"track","event":"$own","userId":"x"},)"
        R"({"type":"track","event":"big","userId":"x","properties":{"n":1e999}}]})");
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  CHECK(count() == 1);
  const auto list = rejected();
  REQUIRE(list.at("/data").as_array().size() == 4);
  CHECK(list.text("/data/0/code") == "number_out_of_range");
  CHECK(list.text("/data/1/code") == "reserved_event_name");
  CHECK(list.text("/data/2/code") == "field_invalid");
  CHECK(list.text("/data/3/code") == "contact_required");
  CHECK(list.text("/data/3/type") == "lost");
  CHECK(list.text("/data/3/pointer") == "/batch/0/userId");
  CHECK(list.text("/data/3/door") == "segment");
  CHECK(list.text("/data/3/request_id") == answer.header("x-request-id"));
  CHECK(list.text("/data/3/body") == R"({"type":"track","event":"lost"})");
  const auto one = own.api.get("/v1/rejected-events?code=contact_required");
  CHECK(one.at("/data").as_array().size() == 1);
  auto page = own.api.get("/v1/rejected-events?limit=3");
  CHECK(page.at("/has_more").as_bool());
  page = own.api.get("/v1/rejected-events?limit=3&cursor="
                     + page.text("/next_cursor"));
  CHECK(page.text("/data/0/code") == "contact_required");
}

TEST_CASE_METHOD(segment, "clients 4: a single bad event is rejected, too",
                 "[segment]") {
  CHECK(post("/v1/t", R"({"event":"lost"})").status == 200);
  CHECK(rejected().text("/data/0/pointer") == "/userId");
}

TEST_CASE_METHOD(segment, "clients 4: what is no JSON is refused as a whole",
                 "[segment]") {
  for (const std::string bad :
       {"", "{", "[]", R"({"batch":[)", R"({"batch":[{]})",
        R"({"batch":[{"type":"track" "event":"x"}]})"}) {
    const auto answer = post("/v1/batch", bad);
    INFO(bad << answer.body);
    CHECK(answer.status == 400);
    CHECK(answer.text("/code") == "body_invalid_json");
    CHECK(!answer.text("/message").empty());
  }
  CHECK(post("/v1/batch", R"({"batch":{}})").status == 422);
  CHECK(rejected().at("/data").as_array().empty());
}

TEST_CASE_METHOD(segment, "clients 5 17: a key that is not known says so twice",
                 "[segment]") {
  const auto answer
    = nobody.send("POST", "/v1/batch", R"({"batch":[]})",
                  {{"Authorization", basic("tr_write_nothing_at_all:")}});
  CHECK(answer.status == 401);
  CHECK(answer.text("/code") == "invalid_api_key");
  CHECK(answer.text("/message") == answer.text("/detail"));
}

TEST_CASE_METHOD(segment, "clients 7 9: bodies come compressed, and bounded",
                 "[segment]") {
  const auto body = R"({"batch":[)" + track("") + "]}";
  const auto sent = [&](int bits, const header_list& headers) {
    return post("/v1/batch", compressed(body, bits), headers).status;
  };
  CHECK(sent(31, {{"content-encoding", "gzip"}}) == 200);
  CHECK(sent(31, {}) == 200); // by its first bytes
  CHECK(sent(15, {{"content-encoding", "deflate"}}) == 200);
  CHECK(sent(-15, {{"content-encoding", "deflate"}}) == 200);
  CHECK(post("/v1/batch", body, {{"content-encoding", "gzip"}}).status == 200);
  CHECK(count() == 5);
  const auto cut = compressed(body, 31);
  CHECK(post("/v1/batch", cut.substr(0, cut.size() / 2)).status == 400);
  CHECK(post("/v1/batch", body, {{"content-encoding", "br"}}).status == 415);
  const std::string blanks(6 * 1024 * 1024, ' ');
  const auto bomb = post("/v1/batch", compressed(body + blanks, 31));
  CHECK(bomb.status == 413);
  CHECK(count() == 5);
}

TEST_CASE_METHOD(segment, "clients 8 10 11: any type, chunks, a slash behind",
                 "[segment]") {
  const auto body = R"({"batch":[)" + track("") + "]}";
  for (const auto* type :
       {"text/plain", "application/x-www-form-urlencoded", "x"})
    CHECK(post("/v1/batch", body, {{"content-type", type}}).status == 200);
  CHECK(post("/v1/batch", body).status == 200);
  CHECK(post("/v1/batch/", body).status == 200);
  std::ostringstream chunks;
  for (std::size_t at = 0; at < body.size(); at += 7)
    chunks << std::hex << body.substr(at, 7).size() << "\r\n"
           << body.substr(at, 7) << "\r\n";
  support::raw_client raw{shared_server().port()};
  const auto answer = raw.ask(
    "POST /v1/import HTTP/1.1\r\nHost: a\r\nAuthorization: " + basic(key + ":")
    + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks.str() + "0\r\n\r\n");
  CHECK(answer.status == 200);
  CHECK(count() == 6);
}

TEST_CASE_METHOD(segment, "clients 12: pages of other origins may send",
                 "[segment]") {
  const auto asked = nobody.send(
    "OPTIONS", "/v1/t", "",
    {{"Origin", "https://shop.example"},
     {"Access-Control-Request-Method", "POST"},
     {"Access-Control-Request-Headers", "anonymousid,authorization,sentat"}});
  CHECK(asked.status == 204);
  CHECK(asked.header("access-control-allow-origin") == "https://shop.example");
  CHECK(asked.header("access-control-max-age") == "86400");
  const auto allowed = asked.header("access-control-allow-headers");
  for (const auto* name : {"authorization", "content-type", "anonymousid",
                           "sentat", "content-encoding"})
    CHECK(allowed.find(name) != std::string::npos);
  const auto answer
    = post("/v1/t", track(""), {{"Origin", "https://b.example"}});
  CHECK(answer.status == 200);
  CHECK(answer.header("access-control-allow-origin") == "https://b.example");
  const auto refused = nobody.send("POST", "/v1/t", track(""),
                                   {{"Origin", "https://b.example"}});
  CHECK(refused.status == 401);
  CHECK(refused.header("access-control-allow-origin") == "https://b.example");
}

TEST_CASE_METHOD(segment, "clients 12: libraries in browsers find the way",
                 "[segment]") {
  const auto settings = nobody.get("/v1/projects/" + key + "/settings",
                                   {{"Origin", "https://shop.example"}});
  CHECK(settings.status == 200);
  const auto target = settings.at("/integrations/Segment.io").as_object();
  CHECK(target.at("apiKey").as_string() == key);
  CHECK(target.at("apiHost") == "troupe/v1");
  CHECK(target.at("protocol") == "http");
  CHECK(settings.header("access-control-allow-origin")
        == "https://shop.example");
  const auto source = nobody.get("/sourceConfig/?p=npm&v=3&writeKey=" + key);
  CHECK(source.status == 200);
  CHECK(source.text("/source/writeKey") == key);
  CHECK(source.at("/source/enabled").as_bool());
}

TEST_CASE_METHOD(segment, "clients 13: nulls, numbers as ids, odd times",
                 "[segment]") {
  const auto answer = post(
    "/v1/batch",
    R"({"batch":[{"type":"track","event":"a","userId":77123,"anonymousId":null,)"
    R"("properties":null,"context":null,"timestamp":"2026-11-01T10:00:00+00:00"},)"
    R"({"type":"track","event":"b","userId":77123,"timestamp":"2026-11-01T10:00:00"},)"
    R"({"type":"track","event":"c","userId":77123,"timestamp":1793527200},)"
    R"({"type":"track","event":"d","userId":77123,"timestamp":1793527200000}]})");
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  const auto page = events("contact[external_id]=77123");
  REQUIRE(page.at("/data").as_array().size() == 4);
  for (int i = 0; i < 4; ++i)
    CHECK(page.text("/data/" + std::to_string(i) + "/occurred_at")
          == "2026-11-01T10:00:00.000Z");
}

TEST_CASE_METHOD(segment, "clients 14: the client's clock is corrected",
                 "[segment]") {
  // A clock five hours slow: an event of a minute before the sending.
  const auto answer = post(
    "/v1/batch",
    R"({"batch":[)" + track(R"(,"timestamp":"2020-01-01T09:59:00Z")") + ","
      + track(R"(,"timestamp":"2099-01-01T00:00:00Z","messageId":"ahead")")
      + R"(],"sentAt":"2020-01-01T10:00:00Z"})");
  REQUIRE(answer.status == 200);
  const auto page = events();
  REQUIRE(page.at("/data").as_array().size() == 2);
  const auto at = [&](int place, const char* member) {
    return *engine::parse_iso8601(
      page.text("/data/" + std::to_string(place) + "/" + member));
  };
  CHECK(at(1, "received_at") - at(1, "occurred_at")
        >= std::chrono::seconds{59});
  CHECK(at(1, "received_at") - at(1, "occurred_at") <= std::chrono::minutes{2});
  // Nothing happens after it was received.
  CHECK(at(0, "occurred_at") <= at(0, "received_at"));
}

TEST_CASE_METHOD(segment, "clients 15: two ids, and an alias, mean one person",
                 "[segment]") {
  const auto anonymous = fresh("anon-");
  const auto answer = post(
    "/v1/batch",
    R"({"batch":[{"type":"page","name":"Home","anonymousId":")" + anonymous
      + R"("},{"type":"track","event":"x","anonymousId":")" + anonymous
      + R"(","userId":")" + user + R"("},{"type":"alias","userId":")" + user
      + R"(","previousId":"older-)" + anonymous
      + R"("},)"
        R"({"type":"track","event":"y","anonymousId":"older-)"
      + anonymous + R"("}]})");
  REQUIRE(answer.status == 200);
  CHECK(count("contact[external_id]=" + user) == 4);
}

TEST_CASE_METHOD(segment, "clients: RudderStack puts traits into the context",
                 "[segment]") {
  const auto answer = post(
    "/v1/identify",
    R"({"userId":")" + user
      + R"(","context":{"traits":{"email":"ada@example.com","plan":"pro"}},)"
        R"("originalTimestamp":"2026-11-01T10:00:00Z",)"
        R"("sentAt":"2026-11-01T10:00:00Z","messageId":"m"})",
    {{"anonymousid", "YQ=="}, {"sentat", "2026-11-01T10:00:00Z"}});
  REQUIRE(answer.status == 200);
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/attributes/plan") == "pro");
  CHECK(contact.text("/email") == "ada@example.com");
}

TEST_CASE_METHOD(segment,
                 "the door of a call is its credential's or its body's",
                 "[segment]") {
  const auto camel = R"({"event":"a","userId":")" + user + "\"";
  const auto snake = R"({"event":"a","user_id":")" + user + "\"}";
  // Basic: the family, whatever the body looks like.
  CHECK(post("/v1/track", snake).status == 200);
  CHECK(rejected().at("/data").as_array().size() == 1);
  // The key in the body.
  CHECK(
    nobody.post("/v1/track", camel + R"(,"writeKey":")" + key + "\"}").status
    == 200);
  // Bearer, and members in camelCase.
  CHECK(own.api.post("/v1/track", camel + "}").status == 200);
  CHECK(
    own.api.post("/v1/batch", R"({"batch":[)" + camel + R"(,"type":"track"}]})")
      .status
    == 200);
  // Bearer, and snake_case.
  CHECK(own.api.post("/v1/track", snake).status == 202);
  CHECK(count() == 4);
}

TEST_CASE_METHOD(segment, "clients: Dittofeed's path is the family's",
                 "[segment]") {
  const auto answer
    = post("/api/public/apps/batch", R"({"batch":[)" + track("") + "]}");
  CHECK(answer.status == 200);
  CHECK(count() == 1);
}
