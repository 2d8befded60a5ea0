#include "outbound/server_of.hpp"

#include <catch2/catch.hpp>

using troupe::outbound::server_of;

TEST_CASE("U1 one server is one, however its URL is written",
          "[outbound][fair]") {
  for (const auto* url :
       {"https://example.com", "https://example.com/a/b",
        "https://example.com?a", "https://example.com#a",
        "HTTPS://Example.COM/A", "https://example.com:443/a",
        "https://example.com?a=/b", "https://ada:secret@example.com/a"})
    CHECK(server_of(url) == "https://example.com");
  CHECK(server_of("http://example.com:80/") == "http://example.com");
  CHECK(server_of("http://[::1]:80/a") == "http://[::1]");
}

TEST_CASE("U1 other servers are others", "[outbound][fair]") {
  CHECK(server_of("https://example.com:80/") == "https://example.com:80");
  CHECK(server_of("https://example.com:8443/") == "https://example.com:8443");
  CHECK(server_of("http://example.com:443") == "http://example.com:443");
  CHECK(server_of("smtp://mail.example.com:25")
        == "smtp://mail.example.com:25");
  CHECK(server_of("nothing").empty());
  CHECK(server_of("").empty());
}
