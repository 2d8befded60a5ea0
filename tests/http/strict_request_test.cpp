#include "http/request.hpp"
#include "http/strict_request.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace troupe::http;

namespace {

struct row {
  const char* what;
  std::string bytes;
  std::optional<refusal> expected;
};

std::optional<refusal> judge(const std::string& bytes) {
  head_scanner scanner;
  if (scanner.scan(bytes) != head_scanner::verdict::complete
      || scanner.head_size() != bytes.size())
    return refusal::malformed;
  static request_head head;
  return parse_head(bytes, {}, head);
}

std::string line(const std::string& request_line) {
  return request_line + "\r\nHost: a\r\n\r\n";
}

std::string fields(const std::string& more) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

std::string host(const std::string& value) {
  return "GET / HTTP/1.1\r\nHost:" + value + "\r\n\r\n";
}

void check(const std::vector<row>& rows) {
  for (const auto& each : rows) {
    INFO(each.what);
    CHECK(judge(each.bytes) == each.expected);
  }
}

constexpr auto bad = refusal::malformed;
const std::optional<refusal> good;

} // namespace

TEST_CASE("H1: a head whose framing is in doubt is refused", "[http][head]") {
  using namespace std::string_literals;
  check({
    {"no Host", "GET / HTTP/1.1\r\n\r\n", bad},
    {"two Hosts", fields("Host: a\r\n"), bad},
    {"unknown coding", fields("Transfer-Encoding: xchunked\r\n"), bad},
    {"chunked is not last", fields("Transfer-Encoding: chunked, identity\r\n"),
     bad},
    {"chunked twice", fields("Transfer-Encoding: chunked, chunked\r\n"), bad},
    {"two codings", fields("Transfer-Encoding: gzip, chunked\r\n"),
     refusal::coding_unknown},
    {"identity first", fields("Transfer-Encoding: identity, chunked\r\n"),
     refusal::coding_unknown},
    {"empty coding", fields("Transfer-Encoding:\r\n"), bad},
    {"coding with a control",
     fields("Transfer-Encoding: \x0b"
            "chunked\r\n"),
     bad},
    {"two coding fields",
     fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
     bad},
    {"coding in 1.0",
     "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", bad},
    {"fold", fields("X: a\r\n b\r\n"), bad},
    {"fold on the coding", fields("Transfer-Encoding:\r\n chunked\r\n"), bad},
    {"first field folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", bad},
    {"length list", fields("Content-Length: 1, 1\r\n"), bad},
    {"equal lengths", fields("Content-Length: 1\r\nContent-Length: 1\r\n"),
     bad},
    {"unequal lengths", fields("Content-Length: 1\r\nContent-Length: 2\r\n"),
     bad},
    {"length and coding",
     fields("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), bad},
    {"coding and length",
     fields("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), bad},
    {"+1", fields("Content-Length: +1\r\n"), bad},
    {"-1", fields("Content-Length: -1\r\n"), bad},
    {"0x1", fields("Content-Length: 0x1\r\n"), bad},
    {"empty length", fields("Content-Length:\r\n"), bad},
    {"2^64", fields("Content-Length: 18446744073709551616\r\n"), bad},
    {"bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", bad},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\n\n", bad},
    {"bare CR in a value", fields("X: a\rb\r\n"), bad},
    {"bare CR in the line", line("GET /\r HTTP/1.1"), bad},
    {"NUL in a value", fields("X: a\0b\r\n"s), bad},
    {"NUL in a name", fields("X\0: a\r\n"s), bad},
    {"space before colon", fields("Content-Length : 1\r\n"), bad},
    {"tab before colon", fields("Content-Length\t: 1\r\n"), bad},
    {"no colon", fields("Content-Length\r\n"), bad},
    {"no name", fields(": 1\r\n"), bad},
    {"not a token", fields("X(y): 1\r\n"), bad},
    {"high byte in a name", fields("X\xff: 1\r\n"), bad},
    {"delete in a value", fields("X: a\x7f\r\n"), bad},
  });
}

TEST_CASE("H1: a head without doubt is taken", "[http][head]") {
  check({
    {"plain", line("GET / HTTP/1.1"), good},
    {"1.0 without Host", "GET / HTTP/1.0\r\n\r\n", good},
    {"length", fields("Content-Length: 12\r\n"), good},
    {"blanks around a value", fields("Content-Length: \t 12 \t\r\n"), good},
    {"chunked", fields("Transfer-Encoding: chunked\r\n"), good},
    {"Chunked", fields("transfer-encoding: Chunked\r\n"), good},
    {"high bytes in a value", fields("X: caf\xc3\xa9\r\n"), good},
    {"empty value", fields("X:\r\n"), good},
    {"expectation", fields("Expect: 100-Continue\r\n"), good},
    {"OPTIONS *", line("OPTIONS * HTTP/1.1"), good},
  });
}

TEST_CASE("H1: the request line has one form", "[http][head]") {
  check({
    {"two spaces", line("GET  / HTTP/1.1"), bad},
    {"tab", line("GET\t/ HTTP/1.1"), bad},
    {"space at the end", line("GET / HTTP/1.1 "), bad},
    {"space in the target", line("GET /a b HTTP/1.1"), bad},
    {"no target", line("GET HTTP/1.1"), bad},
    {"HTTP/0.9", line("GET /"), bad},
    {"method with a bracket", line("G[ET / HTTP/1.1"), bad},
    {"long method", line(std::string(33, 'G') + " / HTTP/1.1"), bad},
    {"lower-case protocol", line("GET / http/1.1"), bad},
    {"HTTP/1.10", line("GET / HTTP/1.10"), bad},
    {"HTTP/1.2", line("GET / HTTP/1.2"), refusal::version_unknown},
    {"HTTP/2.0", line("GET / HTTP/2.0"), refusal::version_unknown},
    {"raw 0xff", line("GET /\xff HTTP/1.1"), bad},
    {"fragment", line("GET /#a HTTP/1.1"), bad},
    {"no slash", line("GET a HTTP/1.1"), bad},
    {"*", line("GET * HTTP/1.1"), bad},
    {"authority form", line("CONNECT a:80 HTTP/1.1"), bad},
    {"own authority", line("GET http://A/x HTTP/1.1"), good},
    {"own authority, no path", line("GET http://a?x HTTP/1.1"), good},
    {"foreign authority", line("GET http://b/x HTTP/1.1"), bad},
    {"user information", line("GET http://u@a/x HTTP/1.1"), bad},
    {"other scheme", line("GET ftp://a/x HTTP/1.1"), bad},
  });
}

TEST_CASE("H1: Host is one host and port", "[http][head]") {
  check({
    {"name", host(" a.example:8080"), good},
    {"v4", host("127.0.0.1"), good},
    {"v6", host("[::1]:80"), good},
    {"empty", host(""), bad},
    {"list", host("a, b"), bad},
    {"two words", host("a b"), bad},
    {"path", host("a/b"), bad},
    {"user", host("u@a"), bad},
    {"port is no number", host("a:b"), bad},
    {"port too large", host("a:65536"), bad},
    {"port empty", host("a:"), good},
    {"open bracket", host("[::1"), bad},
    {"1.0, invalid", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", bad},
    {"1.0, two", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", bad},
  });
}

TEST_CASE("H5: sizes of a head are bounded", "[http][head]") {
  std::string many;
  for (std::size_t i = 0; i < fields_max - 1; ++i)
    many += "A: b\r\n";
  check({
    {"100 fields", fields(many), good},
    {"101 fields", fields(many + "A: b\r\n"), refusal::head_too_large},
    {"8 KiB", fields("A: " + std::string(8192, 'b') + "\r\n"),
     refusal::head_too_large},
    {"target of 8,000", line("GET /" + std::string(7999, 'a') + " HTTP/1.1"),
     good},
    {"target over 8,000", line("GET /" + std::string(8000, 'a') + " HTTP/1.1"),
     refusal::target_too_long},
    {"target over all", line("GET /" + std::string(9000, 'a') + " HTTP/1.1"),
     refusal::target_too_long},
  });
}

TEST_CASE("H6: an expectation nobody knows is refused", "[http][head]") {
  check({
    {"unknown", fields("Expect: 200-ok\r\n"), refusal::bad_expectation},
    {"list", fields("Expect: 100-continue, x\r\n"), refusal::bad_expectation},
    {"twice", fields("Expect: 100-continue\r\nExpect: 100-continue\r\n"),
     refusal::bad_expectation},
    {"1.0 has none", "POST / HTTP/1.0\r\nExpect: x\r\n\r\n", good},
    {"a malformed head is malformed first",
     fields("Expect: x\r\nContent-Length: x\r\n"), bad},
  });
}

TEST_CASE("H10: paths that read in two ways are refused", "[http][head]") {
  const auto path = [](const std::string& text) {
    return line("GET " + text + " HTTP/1.1");
  };
  check({
    {"//", path("/a//b"), bad},
    {"// first", path("//a"), bad},
    {"// last", path("/a//"), bad},
    {".", path("/a/./b"), bad},
    {"..", path("/a/../b"), bad},
    {".. last", path("/a/.."), bad},
    {"%2e%2e", path("/a/%2e%2e/b"), bad},
    {"%2E", path("/%2E/b"), bad},
    {"%2f", path("/a%2fb"), bad},
    {"%2F", path("/a%2Fb"), bad},
    {"%5c", path("/a%5cb"), bad},
    {"backslash", path("/a\\b"), bad},
    {"%00", path("/a%00"), bad},
    {"%0d%0a", path("/a%0d%0a"), bad},
    {"half escape", path("/a%2"), bad},
    {"not hexadecimal", path("/a%zz"), bad},
    {"not UTF-8", path("/%ff"), bad},
    {"encoded dots in a name", path("/%2ea..b"), good},
    {"percent twice is decoded once", path("/%252f"), good},
    {"slash at the end", path("/a/"), good},
    {"semicolon", path("/a;b=c"), good},
    {"dots in the query", path("/a?b=/../c"), good},
  });
}

TEST_CASE("H10: a request shows the path decoded once", "[http][head]") {
  request_head head;
  const std::string bytes
    = "POST /v1/contacts/email:ada%40example.com?a=%20 HTTP/1.1\r\n"
      "hOST: a\r\nX-One:  1 \r\nx-one: 2\r\n\r\n";
  REQUIRE_FALSE(parse_head(bytes, {}, head));
  const request first{bytes, head};
  auto copy = first;
  const auto moved = std::move(copy);
  CHECK(moved.method() == "POST");
  CHECK(moved.path() == "/v1/contacts/email:ada@example.com");
  CHECK(moved.query() == "a=%20");
  CHECK(moved.header("HOST") == "a");
  CHECK(moved.header("X-ONE") == "1");
  CHECK(moved.header_count("x-one") == 2);
  CHECK_FALSE(moved.header("absent"));
}

TEST_CASE("H1: a request to our own authority is routed by its path",
          "[http][head]") {
  request_head head;
  for (const std::string target : {"http://a", "http://a/", "https://A?"}) {
    const auto bytes = line("GET " + target + " HTTP/1.1");
    REQUIRE_FALSE(parse_head(bytes, {}, head));
    CHECK(request{bytes, head}.path() == "/");
  }
}

TEST_CASE("H1: the end of a head is found in any pieces", "[http][head]") {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t first = 0; first < bytes.size(); ++first) {
    head_scanner scanner;
    CHECK(scanner.scan(bytes.substr(0, first))
          == head_scanner::verdict::incomplete);
    CHECK(scanner.scan(bytes + "more") == head_scanner::verdict::complete);
    CHECK(scanner.head_size() == bytes.size());
  }
}
