// Requests that a lenient server would guess at, sent byte for byte to the real
// binary (RFC 9110, RFC 9112; H1, H2, H4–H10, H12).
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

using namespace troupe::test;
using troupe::support::raw_answer;
using troupe::support::raw_client;
using namespace std::string_literals;

namespace {

const std::string line = "GET /healthz HTTP/1.1\r\n";
const std::string host = "Host: troupe\r\n";
const std::string next = line + host + "\r\n";

struct exchange {
  raw_answer answer;
  bool is_closed = false;
};

/// Sends the bytes, and a sound request right behind them.
exchange send(const std::string& bytes) {
  raw_client client{shared_server().port()};
  exchange got;
  got.answer = client.ask(bytes + next);
  const auto closes = got.answer.headers.find("connection");
  got.is_closed = closes != got.answer.headers.end()
                  && closes->second == "close" && client.is_closed();
  return got;
}

/// Each is answered with the status, once, and nothing behind it is read.
void are_refused(int status, const std::vector<std::string>& all) {
  for (const auto& bytes : all) {
    INFO(bytes.substr(0, 300));
    const auto got = send(bytes);
    CHECK(got.answer.status == status);
    CHECK(got.is_closed);
    CHECK(got.answer.headers.at("content-type") == "application/problem+json");
  }
}

/// A request with a key, without its last, empty line.
std::string keyed(const std::string& request_line) {
  return request_line + " HTTP/1.1\r\n" + host + "Authorization: Bearer "
         + shared_server().key() + "\r\n";
}

std::string posted(const std::string& fields, const std::string& body) {
  return keyed("POST /v1/events") + "Content-Type: application/json\r\n"
         + fields + "\r\n" + body;
}

std::string sized(const std::string& body) {
  return posted("Content-Length: " + std::to_string(body.size()) + "\r\n",
                body);
}

std::string chunked(const std::string& chunks) {
  return posted("Transfer-Encoding: chunked\r\n", chunks);
}

std::string good_event() {
  return event_body("strict.sent", by_external_id("usr_strict"));
}

int status_of(const std::string& bytes) {
  return raw_client{shared_server().port()}.ask(bytes).status;
}

} // namespace

TEST_CASE("H1 request lines in doubt are 400", "[system][http_strict]") {
  are_refused(400, {
                     "GET /healthz\r\n\r\n",
                     "GET /healthz HTTP/1.1\n" + host + "\r\n",
                     "GET /healthz HTTP/1.1\r" + host + "\r\n",
                     "GET  /healthz HTTP/1.1\r\n" + host + "\r\n",
                     "GET /healthz  HTTP/1.1\r\n" + host + "\r\n",
                     "GET\t/healthz HTTP/1.1\r\n" + host + "\r\n",
                     " GET /healthz HTTP/1.1\r\n" + host + "\r\n",
                     "GET /healthz HTTP/1.1 \r\n" + host + "\r\n",
                     "GET HTTP/1.1\r\n" + host + "\r\n",
                     "GET /he althz HTTP/1.1\r\n" + host + "\r\n",
                     "GET /healthz HTTP/1\r\n" + host + "\r\n",
                     "GET /healthz HTTP/01.1\r\n" + host + "\r\n",
                     "GET /healthz HTTP/1.1.1\r\n" + host + "\r\n",
                     "GET /healthz HTTP/ 1.1\r\n" + host + "\r\n",
                     "GET /healthz http/1.1\r\n" + host + "\r\n",
                     "GET /healthz HTTPS/1.1\r\n" + host + "\r\n",
                     "G@T /healthz HTTP/1.1\r\n" + host + "\r\n",
                     "G\0T /healthz HTTP/1.1\r\n"s + host + "\r\n",
                     std::string(40, 'A') + " / HTTP/1.1\r\n" + host + "\r\n",
                     "   \r\n\r\n",
                     "\r\n\r\n\r\n",
                     "\x16\x03\x01\x02\x00"s,
                     "\xff\xfe\xfd\xfc",
                   });
}

TEST_CASE("H1 another version is 505", "[system][http_strict]") {
  for (const std::string version : {"1.2", "0.9", "2.0", "3.0", "9.9"})
    are_refused(505, {"GET /healthz HTTP/" + version + "\r\n" + host + "\r\n"});
  are_refused(505, {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"});
}

TEST_CASE("H1 HTTP/1.0 is served and closed unless it asks to stay",
          "[system][http_strict]") {
  const auto old = "GET /healthz HTTP/1.0\r\n"s;
  CHECK(send(old + "\r\n").answer.status == 200);
  CHECK(send(old + "\r\n").is_closed);
  CHECK(send(old + "Connection: close, keep-alive\r\n\r\n").is_closed);
  raw_client client{shared_server().port()};
  const auto stays = client.ask(old + "Connection: keep-alive\r\n\r\n");
  CHECK(stays.headers.at("connection") == "keep-alive");
  CHECK(client.ask(next).status == 200);
}

TEST_CASE("H1 exactly one valid Host", "[system][http_strict]") {
  std::vector<std::string> wrong{line + "\r\n", line + host + host + "\r\n",
                                 line + host + "host: other\r\n\r\n"};
  for (const std::string value :
       {"", " ", "a b", "a,b", "user@a", "a/path", "a?q", "a#f", "a\\b", "a:b",
        "a:", "a:99999", "a:-1", "[::1", "[]", "[::g]", "http://a", "a%41",
        "\xc3\xa9"})
    wrong.push_back(line + "Host: " + value + "\r\n\r\n");
  are_refused(400, wrong);
  for (const std::string value :
       {"a", "a:80", "127.0.0.1:8080", "[::1]:1", "a.b-c_d.test", "localhost"})
    CHECK(status_of(line + "Host: " + value + "\r\n\r\n") == 200);
}

TEST_CASE("H1 absolute-form is taken for the own authority only",
          "[system][http_strict]") {
  for (const std::string target :
       {"http://troupe/healthz", "HTTP://TROUPE/healthz",
        "https://troupe/healthz"})
    CHECK(status_of("GET " + target + " HTTP/1.1\r\n" + host + "\r\n") == 200);
  CHECK(status_of("GET http://troupe HTTP/1.1\r\n" + host + "\r\n") == 200);
  std::vector<std::string> wrong;
  for (const std::string target :
       {"http://other/healthz", "http://troupe:1/healthz",
        "http://troupe@other/", "http://user@troupe/healthz", "ftp://troupe/",
        "http:/healthz", "http://", "//troupe/healthz", "troupe:80", "healthz",
        "*", "?a=b"})
    wrong.push_back("GET " + target + " HTTP/1.1\r\n" + host + "\r\n");
  are_refused(400, wrong);
  are_refused(400, {"CONNECT troupe:443 HTTP/1.1\r\n" + host + "\r\n"});
}

TEST_CASE("H1 field lines in doubt are 400", "[system][http_strict]") {
  std::vector<std::string> wrong;
  for (const auto& field :
       {"X : a"s,   " X: a"s,      "\tX: a"s,      ": a"s,          "X"s,
        "X[: a"s,   "X(: a"s,      "X\x01: a"s,    "X\xc3\xa9: a"s, "X\0: a"s,
        "X Y: a"s,  "\"X\": a"s,   "X: a\0b"s,     "X: a\x01"s,     "X: a\x7f"s,
        "X: a\rb"s, "X: a\r\n b"s, "X: a\r\n\tb"s, "X: a\nY: b"s,   "X: a\r"s,
        "X: a\vb"s})
    wrong.push_back(line + host + field + "\r\n\r\n");
  wrong.push_back(line + " \r\n" + host + "\r\n");
  wrong.push_back(line + "X: a\r\n folded\r\n" + host + "\r\n");
  are_refused(400, wrong);
  CHECK(status_of(line + host + "X:\t a\tb \xff \r\nY:\r\n\r\n") == 200);
}

TEST_CASE("H1 Transfer-Encoding is exactly chunked, alone, in HTTP/1.1",
          "[system][http_strict]") {
  std::vector<std::string> wrong;
  for (const auto& value :
       {"xchunked"s, "chunked, identity"s, "chunked, chunked"s, "identity"s,
        "gzip"s, ""s, ","s, "chunked,"s, "chunked;a=b"s, "\"chunked\""s,
        "chunked\x0b"s, "chunked\x0c"s, "chunked\0"s, "chun ked"s,
        "chunked gzip"s, "chunked, gzip"s})
    wrong.push_back(
      posted("Transfer-Encoding: " + value + "\r\n", "0\r\n\r\n"));
  for (const auto& fields :
       {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"s,
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"s,
        "Content-Length: 5\r\nTRANSFER-ENCODING: Chunked \r\n"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"s,
        "Transfer-Encoding:\r\n chunked\r\n"s,
        "Transfer-Encoding : chunked\r\n"s})
    wrong.push_back(posted(fields, "0\r\n\r\n"));
  wrong.push_back("POST /v1/events HTTP/1.0\r\n" + host
                  + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  are_refused(400, wrong);
  are_refused(501, {posted("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
                    posted("Transfer-Encoding: identity, chunked\r\n", "")});
}

TEST_CASE("H1 Content-Length is one number in digits",
          "[system][http_strict]") {
  std::vector<std::string> wrong;
  for (const std::string value :
       {"+1", "-1", "-0", "0x1", "0o1", "", "abc", "1a", "1.0", "1_0", "1 0",
        "1,1", "1, 1", "1, 2", "1;", "18446744073709551616",
        "99999999999999999999999999", "\xd9\xa1"})
    wrong.push_back(posted("Content-Length: " + value + "\r\n", "x"));
  wrong.push_back(posted("Content-Length: 1\r\nContent-Length: 1\r\n", "x"));
  wrong.push_back(posted("Content-Length: 1\r\ncontent-length: 2\r\n", "xx"));
  wrong.push_back(posted("Content-Length : 1\r\n", "x"));
  are_refused(400, wrong);
  const auto body = good_event();
  const auto length = std::to_string(body.size());
  CHECK(status_of(posted("Content-Length:  00" + length + "\t\r\n", body))
        == 200);
  // Names that only look like it frame nothing.
  CHECK(status_of(posted("Content-Length: " + length
                           + "\r\nContent_Length: 9\r\n"
                             "Transfer_Encoding: chunked\r\n",
                         body))
        == 200);
}

TEST_CASE("H1 chunks in doubt are 400 and store nothing",
          "[system][http_strict]") {
  std::vector<std::string> wrong;
  for (const auto& bytes : {"g\r\n"s,
                            "\r\n"s,
                            "-1\r\n"s,
                            "+5\r\nhello\r\n0\r\n\r\n"s,
                            "0x5\r\n"s,
                            "5 \r\n"s,
                            " 5\r\n"s,
                            "1_0\r\n"s,
                            "5\nhello\r\n"s,
                            "5\rhello"s,
                            "5\r\nhello0\r\n\r\n"s,
                            "5\r\nhello!!\r\n"s,
                            "5\r\nhello\n0\r\n\r\n"s,
                            "fffffffffffffffff\r\n"s,
                            "10000000000000000\r\n"s,
                            "5;\r\n"s,
                            "5;a[=b\r\n"s,
                            "5;a\nb\r\n"s,
                            "5;a\0\r\n"s,
                            "5;a\rb\r\n"s,
                            "0\r\nX\r\n\r\n"s,
                            "0\r\nX : a\r\n\r\n"s,
                            "0\r\n X: a\r\n\r\n"s,
                            "0\r\nX: a\nY: b\r\n\r\n"s,
                            "0\r\n\n"s,
                            "+0\r\n\r\n"s})
    wrong.push_back(chunked(bytes));
  wrong.push_back(chunked("5;a=" + std::string(65'536, 'x') + "\r\nhello\r\n"));
  are_refused(400, wrong);
}

TEST_CASE("H1 chunks in good order make the body", "[system][http_strict]") {
  const auto body = good_event();
  REQUIRE(body.size() > 0x1a);
  const auto rest = body.substr(0x1a);
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx", rest.size());
  const auto bytes = "1A;name=value;q=\"a;\\\"b\"\r\n" + body.substr(0, 0x1a)
                     + "\r\n" + size.data() + "\r\n" + rest + "\r\n";
  raw_client client{shared_server().port()};
  for (const std::string end :
       {"0\r\n\r\n", "000\r\n\r\n", "0;last\r\n\r\n",
        "0\r\nX-Check: a\r\nContent-Length: 9\r\nHost: evil\r\n\r\n"}) {
    const auto answer = client.ask(chunked(bytes + end));
    INFO(answer.body);
    CHECK(answer.status == 200);
  }
}

TEST_CASE("H2 answers come in order, and none after a bad request",
          "[system][http_strict]") {
  raw_client client{shared_server().port()};
  client.send(next + sized(good_event()) + keyed("GET /nowhere") + "\r\n" + next
              + line + "\r\n" + next);
  CHECK(client.receive().status == 200);
  CHECK(client.receive().body.find("strict.sent") != std::string::npos);
  CHECK(client.receive().status == 404);
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 400);
  CHECK(client.is_closed());
}

TEST_CASE("H2 a hundred requests ahead are answered all",
          "[system][http_strict]") {
  raw_client client{shared_server().port()};
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += next;
  client.send(all);
  for (int i = 0; i < 100; ++i)
    REQUIRE(client.receive().status == 200);
}

TEST_CASE("H5 what is too large has its own status and ends the connection",
          "[system][http_strict]") {
  are_refused(
    414, {"GET /" + std::string(8'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
          "GET /" + std::string(70'000, 'a') + " HTTP/1.1\r\n" + host});
  are_refused(431, {line + host + "X: " + std::string(9'000, 'a') + "\r\n\r\n",
                    line + host + std::string(9'000, 'X') + ": a\r\n\r\n"});
  std::string many = line + host;
  for (int i = 0; i < 150; ++i)
    many += "X: a\r\n";
  are_refused(431, {many + "\r\n"});
  // RFC 9112 3: a request line of 8,000 bytes should be taken.
  CHECK(status_of("GET /" + std::string(7'900, 'a') + " HTTP/1.1\r\n" + host
                  + "\r\n")
        == 404);
}

TEST_CASE("H5 a body over the bound of its route is 413 before it is read",
          "[system][http_strict]") {
  are_refused(413, {posted("Content-Length: 10000000\r\n", ""),
                    posted("Content-Length: 999999999999999999\r\n", ""),
                    posted("Content-Length: 65537\r\n", ""),
                    chunked("10001\r\n"), chunked("fffffffffffffff\r\n")});
  // A client that looks only after it has sent everything hears it too.
  raw_client client{shared_server().port()};
  client.send(posted("Content-Length: 10000000\r\n", ""));
  CHECK(client.send(std::string(10'000'000, 'x')));
  const auto answer = client.receive();
  CHECK(answer.status == 413);
  CHECK(answer.body.find("\"payload_too_large\"") != std::string::npos);
}

TEST_CASE("H6 100 comes only after every check that needs no body",
          "[system][http_strict]") {
  const auto body = good_event();
  const auto waits = "Expect: 100-continue\r\nContent-Length: "
                     + std::to_string(body.size()) + "\r\n";
  {
    raw_client client{shared_server().port()};
    CHECK(client.ask(posted(waits, "")).status == 100);
    CHECK(client.ask(body).status == 200);
    CHECK(client.ask(next).status == 200);
  }
  const auto large = "Expect: 100-continue\r\nContent-Length: 70000\r\n"s;
  const auto json = "Content-Type: application/json\r\n"s;
  const auto nobody = "POST /v1/events HTTP/1.1\r\n" + host + json;
  are_refused(401, {nobody + waits + "\r\n",
                    nobody + "Authorization: Bearer x\r\n" + waits + "\r\n"});
  are_refused(404, {keyed("POST /v1/nothing") + json + waits + "\r\n"});
  are_refused(405, {keyed("POST /healthz") + json + waits + "\r\n"});
  are_refused(413, {posted(large, "")});
  are_refused(415, {keyed("POST /v1/events") + waits + "\r\n"});
  are_refused(417, {posted("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}")});
  // HTTP/1.0 knows no expectations.
  auto old = posted(waits + "Connection: close\r\n", body);
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  CHECK(send(old).answer.status == 200);
}

TEST_CASE("H7 H8 a body is JSON, named so once, and not compressed",
          "[system][http_strict]") {
  const auto body = good_event();
  const auto typed = [&](const std::string& fields) {
    return keyed("POST /v1/events") + fields + "Content-Length: "
           + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  std::vector<std::string> wrong{typed("")};
  for (const std::string type :
       {"text/plain", "application/xml", "application/jsonp",
        "application/json; charset=latin1", "application/json, text/plain",
        "application/x-www-form-urlencoded", "application/*", "json", ""})
    wrong.push_back(typed("Content-Type: " + type + "\r\n"));
  wrong.push_back(typed("Content-Type: application/json\r\n"
                        "Content-Type: application/json\r\n"));
  for (const std::string coding : {"gzip", "deflate", "br", "identity", "x"})
    wrong.push_back(typed("Content-Type: application/json\r\nContent-Encoding: "
                          + coding + "\r\n"));
  are_refused(415, wrong);
  for (const std::string type : {"application/json", "APPLICATION/JSON",
                                 "application/json;charset=UTF-8",
                                 "application/json; charset=\"utf-8\""})
    CHECK(status_of(typed("Content-Type: " + type + "\r\n")) == 200);
}

TEST_CASE("H8 a POST without a body says that one is missing",
          "[system][http_strict]") {
  for (const std::string length : {"", "Content-Length: 0\r\n"}) {
    raw_client client{shared_server().port()};
    const auto answer = client.ask(keyed("POST /v1/events") + length + "\r\n");
    CHECK(answer.status == 422);
    CHECK(answer.body.find("\"body_invalid_json\"") != std::string::npos);
    CHECK(answer.body.find("The body is empty") != std::string::npos);
    CHECK(client.ask(next).status == 200);
  }
}

TEST_CASE("H9 a method that a path does not serve is 405 with Allow",
          "[system][http_strict]") {
  raw_client client{shared_server().port()};
  for (const std::string method :
       {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get",
        "Get", "FOO", "PROPFIND", "GETX"}) {
    INFO(method);
    const auto answer
      = client.ask(method + " /healthz HTTP/1.1\r\n" + host + "\r\n");
    CHECK(answer.status == 405);
    CHECK(answer.headers.at("allow") == "GET, HEAD");
    CHECK(answer.headers.count("access-control-allow-origin") == 0);
  }
  CHECK(client.ask(keyed("DELETE /v1/events") + "\r\n").headers.at("allow")
        == "OPTIONS, POST, GET, HEAD");
  // TRACE would show credentials to a script.
  const auto traced = client.ask(keyed("TRACE /v1/events") + "\r\n");
  CHECK(traced.status == 405);
  CHECK(traced.body.find(shared_server().key()) == std::string::npos);
}

TEST_CASE("H9 a header does not change the method", "[system][http_strict]") {
  raw_client client{shared_server().port()};
  for (const std::string field :
       {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"})
    CHECK(client
            .ask("POST /healthz HTTP/1.1\r\n" + host + field
                 + ": GET\r\nContent-Length: 0\r\n\r\n")
            .status
          == 405);
}

TEST_CASE("H9 HEAD is GET without the body", "[system][http_strict]") {
  raw_client client{shared_server().port()};
  const auto whole = client.ask(next);
  client.send("HEAD /healthz HTTP/1.1\r\n" + host + "\r\n");
  const auto head = client.receive(false);
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == std::to_string(whole.body.size()));
  client.send(keyed("HEAD /v1/events") + "\r\n" + keyed("HEAD /nowhere")
              + "\r\n");
  CHECK(client.receive(false).status == 200);
  CHECK(client.receive(false).status == 404);
  CHECK(client.ask(next).body == whole.body);
}

TEST_CASE("H9 OPTIONS * names the methods of the server",
          "[system][http_strict]") {
  raw_client client{shared_server().port()};
  const auto answer = client.ask("OPTIONS * HTTP/1.1\r\n" + host + "\r\n");
  CHECK(answer.status == 204);
  CHECK(answer.headers.at("allow").starts_with("GET, HEAD, POST"));
  CHECK(answer.headers.count("content-length") == 0);
  CHECK(client.ask(next).status == 200);
}

TEST_CASE("H9 an upgrade is not taken", "[system][http_strict]") {
  CHECK(status_of(line + host + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        == 200);
  CHECK(
    status_of(line + host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    == 200);
}

TEST_CASE("H10 a path means one thing or is refused", "[system][http_strict]") {
  const auto got = [](const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\n" + host + "\r\n";
  };
  std::vector<std::string> wrong;
  for (const std::string path : {"//healthz",     "/healthz//",
                                 "/v1//events",   "/./healthz",
                                 "/../healthz",   "/v1/../healthz",
                                 "/v1/..",        "/%2e%2e/healthz",
                                 "/.%2e/healthz", "/v1/%2E%2e/healthz",
                                 "/%2e/healthz",  "/v1%2fevents",
                                 "/v1%2Fevents",  "/v1%5cevents",
                                 "/v1\\events",   "/healthz%00",
                                 "/%00healthz",   "/healthz%",
                                 "/healthz%4",    "/healthz%zz",
                                 "/healthz%0a",   "/healthz%0d%0aX:%20y",
                                 "/healthz%7f",   "/%c0%ae%c0%ae/healthz",
                                 "/%ff",          "/%ed%a0%80",
                                 "/healthz#a",    "/\xc3\xa9",
                                 "/healthz\x7f",  "/healthz\x01"})
    wrong.push_back(got(path));
  are_refused(400, wrong);
  for (const std::string path :
       {"/HEALTHZ", "/Healthz", "/healthz/", "/healthz;a=b", "/healthz%20",
        "/healthz%3f", "/%2568ealthz", "/v1/events;a"})
    CHECK(status_of(got(path)) == 404);
  // Escapes that were not needed change nothing.
  CHECK(status_of(got("/%68ealthz")) == 200);
  CHECK(status_of(got("/healthz?a=../..//")) == 200);
}

TEST_CASE("H12 a forwarded address is not believed, and harms nothing",
          "[system][http_strict]") {
  for (const std::string value : {"127.0.0.1", "10.0.0.1, unknown", ",,,"})
    CHECK(status_of(line + host + "X-Forwarded-For: " + value
                    + "\r\nX-Forwarded-Host: other\r\nForwarded: for=a\r\n\r\n")
          == 200);
}

TEST_CASE("the id of a request is in its answer and in its error",
          "[system][http_strict]") {
  api_client nobody{shared_server().port()};
  const auto named = nobody.get("/v1/events", {{"X-Request-Id", "mine-7"}});
  CHECK(named.header("x-request-id") == "mine-7");
  CHECK(named.text("/request_id") == "mine-7");
  CHECK(named.text("/error/request_id") == "mine-7");
  const auto made = nobody.get("/v1/events", {{"X-Request-Id", "not mine"}});
  CHECK(made.text("/request_id").starts_with("req_"));
  CHECK(made.header("x-request-id") == made.text("/request_id"));
}
