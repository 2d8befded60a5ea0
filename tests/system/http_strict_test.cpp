// Heads and framing that a lenient server would guess at, sent byte for byte to
// the real binary (RFC 9112; H1, H2, H4).
#include "tests/system/strict_requests.hpp"

#include <array>
#include <string>
#include <vector>

using namespace troupe::test;
using namespace std::string_literals;

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
        "a:99999", "a:-1", "[::1", "[]", "[::g]", "http://a", "a%41",
        "\xc3\xa9"})
    wrong.push_back(line + "Host: " + value + "\r\n\r\n");
  are_refused(400, wrong);
  for (const std::string value : {"a", "a:", "a:80", "127.0.0.1:8080",
                                  "[::1]:1", "a.b-c_d.test", "localhost"})
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
