#include "outbound/address_guard.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

using namespace troupe::outbound;

namespace {

bool allows(const address_guard& guard, const std::string& text,
            std::uint16_t port = 443) {
  if (text.find(':') == std::string::npos) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    REQUIRE(inet_pton(AF_INET, text.c_str(), &in.sin_addr) == 1);
    return guard.allows(reinterpret_cast<const sockaddr*>(&in), sizeof in);
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(port);
  REQUIRE(inet_pton(AF_INET6, text.c_str(), &in6.sin6_addr) == 1);
  return guard.allows(reinterpret_cast<const sockaddr*>(&in6), sizeof in6);
}

address_guard private_guard(std::vector<ip_endpoint> own = {}) {
  address_guard_options options;
  options.allow_private = true;
  options.own_addresses = std::move(own);
  return address_guard{std::move(options)};
}

// Of each denied range both ends; of each neighbour the nearest address.
const std::vector<std::string> local_networks{
  "10.0.0.0",   "10.255.255.255", "100.64.0.0",   "100.127.255.255",
  "127.0.0.0",  "127.0.0.1",      "127.1.2.3",    "127.255.255.255",
  "172.16.0.0", "172.31.255.255", "192.168.0.0",  "192.168.255.255",
  "::1",        "fc00::",         "fd12:3456::1", "fdff:ffff:ffff::1",
};

const std::vector<std::string> never{
  "0.0.0.0",
  "0.0.0.1",
  "0.255.255.255",
  "169.254.0.0",
  "169.254.169.254",
  "169.254.255.255",
  "192.0.0.0",
  "192.0.0.170",
  "192.0.0.255",
  "192.0.2.0",
  "192.0.2.255",
  "192.88.99.1",
  "198.18.0.0",
  "198.19.255.255",
  "198.51.100.0",
  "198.51.100.255",
  "203.0.113.0",
  "203.0.113.255",
  "224.0.0.0",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.0",
  "255.255.255.254",
  "255.255.255.255",
  "100.100.100.200",
  "168.63.129.16",
  // IPv6 of its own
  "::",
  "::2",
  "100::1",
  "fe80::",
  "fe80::1",
  "febf:ffff::1",
  "fec0::1",
  "feff::1",
  "ff00::",
  "ff02::1",
  "ff0e::1",
  "fd00:ec2::254",
  "2001:db8::1",
  "2001:db8:ffff:ffff::1",
  "3fff::1",
  "3fff:fff::1",
  "2001:2::1",
  "2001:10::1",
  "2001:20::1",
  "4000::1",
  "8000::1",
  "1fff::1",
  // and with IPv4 inside: mapped, compatible, translated, NAT64, 6to4, Teredo,
  // SRv6, ISATAP
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:10.0.0.1",
  "::ffff:8.8.8.8",
  "::ffff:169.254.169.254",
  "::127.0.0.1",
  "::8.8.8.8",
  "::ffff:0:127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b::8.8.8.8",
  "64:ff9b:1::7f00:1",
  "64:ff9b:1:ffff::1",
  "2002:7f00:1::",
  "2002:7f00:1::1",
  "2002:808:808::1",
  "2001::1",
  "2001:0:7f00:1::",
  "2001:0:4136:e378:8000:63bf:80ff:fffe",
  "5f00::1",
  "5f00:ffff::1",
  "2a00:1450::5efe:7f00:1",
  "2a00:1450::200:5efe:7f00:1",
};

const std::vector<std::string> global{
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "93.184.216.34",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.1",
  "169.253.255.255",
  "169.255.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "192.0.3.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "198.51.99.255",
  "198.51.101.0",
  "203.0.112.255",
  "203.0.114.0",
  "223.255.255.255",
  "2000::1",
  "2001:200::1",
  "2001:4860:4860::8888",
  "2001:db7:ffff::1",
  "2001:db9::1",
  "2003::1",
  "2606:4700:4700::1111",
  "2a00:1450::1",
  "3ffe::1",
  "3fff:1000::1",
};

} // namespace

TEST_CASE("W1 only global unicast addresses are allowed",
          "[outbound][address_guard]") {
  const address_guard guard;
  for (const auto& address : local_networks) {
    CAPTURE(address);
    CHECK_FALSE(allows(guard, address));
  }
  for (const auto& address : never) {
    CAPTURE(address);
    CHECK_FALSE(allows(guard, address));
  }
  for (const auto& address : global) {
    CAPTURE(address);
    CHECK(allows(guard, address));
  }
}

TEST_CASE("W1 allow_private adds private networks and nothing else",
          "[outbound][address_guard]") {
  const auto guard = private_guard();
  for (const auto& address : local_networks) {
    CAPTURE(address);
    CHECK(allows(guard, address));
  }
  for (const auto& address : never) {
    CAPTURE(address);
    CHECK_FALSE(allows(guard, address));
  }
  for (const auto& address : global)
    CHECK(allows(guard, address));
}

TEST_CASE("W5 own listening addresses are denied even when private ones pass",
          "[outbound][address_guard]") {
  const auto guard = private_guard(
    {*parse_endpoint("127.0.0.1:8080"), *parse_endpoint("[::1]:9090")});
  CHECK_FALSE(allows(guard, "127.0.0.1", 8080));
  CHECK_FALSE(allows(guard, "::1", 9090));
  CHECK(allows(guard, "127.0.0.1", 8081));
  CHECK(allows(guard, "127.0.0.1", 9090));
  CHECK(allows(guard, "::1", 8080));
  CHECK(allows(guard, "127.0.0.2", 8080));
}

TEST_CASE("W5 listening on every address denies all of this machine",
          "[outbound][address_guard]") {
  const auto* const wildcard = GENERATE("0.0.0.0:8080", "[::]:8080");
  const auto guard = private_guard({*parse_endpoint(wildcard)});
  CHECK_FALSE(allows(guard, "127.0.0.1", 8080));
  CHECK_FALSE(allows(guard, "127.9.9.9", 8080));
  CHECK_FALSE(allows(guard, "::1", 8080));
  CHECK(allows(guard, "127.0.0.1", 8081));
  // Another machine's port of the same number is not ours.
  CHECK(allows(guard, "93.184.216.34", 8080));
}

TEST_CASE("W5 a public listening address is denied without allow_private",
          "[outbound][address_guard]") {
  address_guard_options options;
  options.own_addresses = {*parse_endpoint("93.184.216.34:443")};
  const address_guard guard{std::move(options)};
  CHECK_FALSE(allows(guard, "93.184.216.34", 443));
  CHECK(allows(guard, "93.184.216.34", 8443));
}

TEST_CASE("addresses that are not whole IPv4 or IPv6 ones are denied",
          "[outbound][address_guard]") {
  const auto guard = private_guard();
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  CHECK_FALSE(
    guard.allows(reinterpret_cast<const sockaddr*>(&local), sizeof local));
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(0x08080808);
  CHECK(guard.allows(reinterpret_cast<const sockaddr*>(&in), sizeof in));
  CHECK_FALSE(
    guard.allows(reinterpret_cast<const sockaddr*>(&in), sizeof in - 1));
}

TEST_CASE("listening addresses are read with a port, IPv6 in brackets",
          "[outbound][address_guard]") {
  CHECK(parse_endpoint("127.0.0.1:80")->port == 80);
  CHECK(parse_endpoint("[2a00::1]:65535")->ip[0] == 0x2a);
  for (const auto* text : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.1:80",
                           "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8a",
                           "::1:80", "[::1]", "[::1]80", "localhost:80"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_endpoint(text));
  }
}
