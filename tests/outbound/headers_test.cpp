#include "outbound/headers.hpp"

#include <catch2/catch.hpp>

using namespace troupe::outbound;

TEST_CASE("W7 custom headers take token names and visible values",
          "[outbound][headers]") {
  CHECK(check_custom_header("X-Team", "blue"));
  CHECK(check_custom_header("authorization", "Bearer a b"));
  CHECK(check_custom_header("x!#$%&'*+-.^_`|~1", "v"));
  CHECK(check_custom_header("x", ""));
  CHECK(check_custom_header("x", "a\tb"));
}

TEST_CASE("W7 names that are no tokens are refused", "[outbound][headers]") {
  for (const auto* name :
       {"", "a b", "a:", ":a", "a\r\nb", "a\n", "a\x7f", "ä", "a(b)", "a\"",
        "a/b", "a,b", "a;b", "a=b", "[a]", "{a}", "a@b", "a?b", "a\\b"}) {
    CAPTURE(name);
    CHECK_FALSE(check_custom_header(name, "v"));
  }
  CHECK_FALSE(check_custom_header({"a\0b", 3}, "v"));
  CHECK_FALSE(check_custom_header(std::string(129, 'a'), "v"));
}

TEST_CASE("W7 values with CR, LF, NUL or other odd bytes are refused",
          "[outbound][headers]") {
  for (const auto* value : {"a\r\nInjected: 1", "a\n", "a\r", "\x01", "a\x7f",
                            "caf\xc3\xa9", " a", "a ", "\ta"}) {
    CAPTURE(value);
    CHECK_FALSE(check_custom_header("x", value));
  }
  CHECK_FALSE(check_custom_header("x", {"a\0b", 3}));
  CHECK_FALSE(check_custom_header("x", std::string(4097, 'a')));
}

TEST_CASE("W7 headers that frame, sign or belong to proxies are refused",
          "[outbound][headers]") {
  for (const auto* name :
       {"host", "Host", "CONTENT-LENGTH", "Transfer-Encoding", "connection",
        "te", "trailer", "Upgrade", "expect", "webhook-id", "Webhook-Signature",
        "webhook-anything", "proxy-authorization", "Proxy-Connection"}) {
    CAPTURE(name);
    const auto checked = check_custom_header(name, "v");
    REQUIRE_FALSE(checked);
    CHECK(checked.failure().name == "header_not_allowed");
  }
  CHECK(check_header("webhook-id", "msg_1"));
  CHECK_FALSE(check_header("host", "example.com"));
}

TEST_CASE("W9 Retry-After is read as seconds or date, clamped to a day",
          "[outbound][headers]") {
  constexpr std::time_t now = 784'111'777; // Sun, 06 Nov 1994 08:49:37 GMT
  CHECK(parse_retry_after("0", now) == 0);
  CHECK(parse_retry_after("120", now) == 120);
  CHECK(parse_retry_after("86400", now) == 86'400);
  CHECK(parse_retry_after("999999999", now) == 86'400);
  CHECK(parse_retry_after(std::string(1000, '9'), now) == 86'400);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now) == 60);
  CHECK(parse_retry_after("Sunday, 06-Nov-94 08:50:37 GMT", now) == 60);
  CHECK(parse_retry_after("Sun Nov  6 08:50:37 1994", now) == 60);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == 0);
  CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", now) == 86'400);
  for (const auto* text :
       {"", "-1", "1.5", "soon", "5s", "0x10", "+5", "1 2"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_retry_after(text, now));
  }
}
