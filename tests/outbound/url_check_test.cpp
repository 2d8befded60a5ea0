#include "outbound/url_check.hpp"
#include "tests/support/odd_hosts.hpp"

#include <catch2/catch.hpp>

using namespace troupe::outbound;

namespace {

address_guard guard_that_allows_private() {
  address_guard_options options;
  options.allow_private = true;
  return address_guard{std::move(options)};
}

} // namespace

TEST_CASE("W4 https URLs with a host name are accepted",
          "[outbound][url_check]") {
  const address_guard guard;
  for (const auto* url :
       {"https://example.com", "https://example.com/", "HTTPS://Example.COM/a",
        "https://example.com:443/a?b=c&d=e", "https://example.com:8443/hook",
        "https://hooks.example.co.uk/T000/B000/xyz", "https://example.com./a",
        "https://b\xc3\xbc"
        "cher.example/a",
        "https://xn--bcher-kva.example/", "https://my_app.example.com/",
        "https://1password.com/", "https://example.com/a@b",
        "https://example.com/?q=user@example.com"}) {
    CAPTURE(url);
    const auto checked = check_url(url, guard);
    INFO((checked ? "" : checked.failure().message));
    CHECK(checked);
  }
}

TEST_CASE("W4 other schemes, ports, user names and fragments are refused",
          "[outbound][url_check]") {
  const address_guard guard;
  for (const auto* url : {"",
                          "example.com",
                          "//example.com",
                          "http://example.com/",
                          "ftp://example.com/",
                          "file:///etc/passwd",
                          "gopher://example.com/",
                          "javascript:alert(1)",
                          "https:example.com",
                          "https:/example.com",
                          "https:///example.com",
                          "https://",
                          "https:///",
                          "https://?a",
                          "https://:443/",
                          "https://user@example.com/",
                          "https://user:pw@example.com/",
                          "https://@example.com/",
                          "https://example.com@127.0.0.1/",
                          "https://example.com/#top",
                          "https://example.com#",
                          "https://example.com:22/",
                          "https://example.com:80/",
                          "https://example.com:0/",
                          "https://example.com:65536/",
                          "https://example.com:99999999999/",
                          "https://example.com:/\\",
                          "https://example.com\\@127.0.0.1/",
                          "https://exa mple.com/",
                          " https://example.com/",
                          "https://example.com/ ",
                          "https://example.com/a\tb",
                          "https://example.com/a\r\nHost: b",
                          "https://exa\x7fmple.com/",
                          "https://-example.com/",
                          "https://example-.com/",
                          "https://exam..ple.com/",
                          "https://.example.com/",
                          "https://./",
                          "https://ex*ample.com/",
                          "https://exam%20ple.com/",
                          "https://exam%00ple.com/",
                          "https://localhost/",
                          "https://LOCALHOST:8443/",
                          "https://localhost./",
                          "https://a.localhost/"}) {
    CAPTURE(url);
    const auto checked = check_url(url, guard);
    REQUIRE_FALSE(checked);
    CHECK(checked.failure().name == "url_not_allowed");
  }
  CHECK_FALSE(
    check_url("https://" + std::string(64, 'a') + ".example.com/", guard));
  CHECK_FALSE(
    check_url("https://example.com/" + std::string(2048, 'a'), guard));
}

TEST_CASE("W1 literal addresses are refused in every spelling",
          "[outbound][url_check]") {
  const address_guard guard;
  auto hosts = troupe::test::odd_loopback_hosts();
  hosts.insert(hosts.end(), {"8.8.8.8", "134744072", "0x8080808", "010.010.8.8",
                             "[2606:4700:4700::1111]", "1.2.3.4.5", "256.1.1.1",
                             "99999999999", "1.2.3.0x"});
  for (const auto& host : hosts) {
    const auto url = "https://" + host + "/";
    CAPTURE(url);
    const auto checked = check_url(url, guard);
    REQUIRE_FALSE(checked);
    CHECK(checked.failure().name == "url_not_allowed");
  }
}

TEST_CASE("W1 allow_private accepts http, any port and private addresses only",
          "[outbound][url_check]") {
  const auto guard = guard_that_allows_private();
  for (const auto* url :
       {"http://127.0.0.1:9000/hook", "http://localhost:9000/hook",
        "http://[::1]:9000/", "http://10.1.2.3/", "https://127.1/",
        "http://receiver.internal:1234/", "https://example.com:22/"}) {
    CAPTURE(url);
    CHECK(check_url(url, guard));
  }
  for (const auto* url :
       {"http://169.254.169.254/latest", "http://0.0.0.0:9000/", "http://0/",
        "http://2852039166/", "http://224.0.0.1/", "http://255.255.255.255/",
        "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/", "http://[64:ff9b::7f00:1]/",
        "http://u@127.0.0.1/", "http://127.0.0.1/#a", "ftp://127.0.0.1/",
        "http://256.256.256.256/"}) {
    CAPTURE(url);
    const auto checked = check_url(url, guard);
    REQUIRE_FALSE(checked);
    CHECK(checked.failure().name == "url_not_allowed");
  }
}

TEST_CASE("W5 the own address is refused when a URL is saved",
          "[outbound][url_check]") {
  address_guard_options options;
  options.allow_private = true;
  options.own_addresses = {*parse_endpoint("127.0.0.1:8080")};
  const address_guard guard{std::move(options)};
  CHECK_FALSE(check_url("http://127.0.0.1:8080/v1/events", guard));
  CHECK_FALSE(check_url("http://0x7f.1:8080/v1/events", guard));
  CHECK(check_url("http://127.0.0.1:8081/v1/events", guard));
}
