#include "http/trusted_proxies.hpp"
#include "tests/http/fixture.hpp"

using namespace troupe::http;
using namespace troupe::http::test;

namespace {

trusted_proxies all_of(std::initializer_list<std::string_view> texts) {
  trusted_proxies proxies;
  for (const auto text : texts)
    REQUIRE(proxies.add(text).has_value());
  return proxies;
}

bool trusts(const trusted_proxies& proxies, const char* address) {
  return proxies.contains(boost::asio::ip::make_address(address));
}

/// Who the client is when 10.0.0.1 asks with these X-Forwarded-For fields.
std::string client(const trusted_proxies& proxies,
                   std::initializer_list<std::string_view> fields) {
  auto bytes = std::string{"GET / HTTP/1.1\r\nHost: a\r\n"};
  for (const auto field : fields)
    bytes.append("X-Forwarded-For: ").append(field).append("\r\n");
  bytes += "\r\n";
  request_head head;
  REQUIRE_FALSE(parse_head(bytes, {}, head));
  return std::string{
    proxies.client_of(request{bytes, head}, address_text{"10.0.0.1"}).view()};
}

} // namespace

TEST_CASE("H12: addresses and networks are trusted to the bit",
          "[http][proxy]") {
  const auto proxies
    = all_of({"10.0.0.0/9", "192.0.2.7", "2001:db8::/33", "::1"});
  for (const auto* inside :
       {"10.0.0.1", "10.127.255.255", "192.0.2.7", "::ffff:192.0.2.7",
        "2001:db8::1", "2001:db8:7fff::", "::1"})
    CHECK(trusts(proxies, inside));
  for (const auto* outside : {"10.128.0.0", "11.0.0.1", "192.0.2.6",
                              "2001:db8:8000::", "::2", "127.0.0.1"})
    CHECK_FALSE(trusts(proxies, outside));
  CHECK(trusts(all_of({"0.0.0.0/0"}), "203.0.113.9"));
  CHECK_FALSE(trusts(all_of({"0.0.0.0/0"}), "2001:db8::1"));
  CHECK_FALSE(trusts({}, "127.0.0.1"));
}

TEST_CASE("H12: what is no address or network is refused", "[http][proxy]") {
  trusted_proxies proxies;
  for (const auto* wrong :
       {"", "proxy.test", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x",
        "10.0.0.0/-1", "::/129", "/8", "fe80::1%lo"}) {
    INFO(wrong);
    const auto added = proxies.add(wrong);
    REQUIRE_FALSE(added);
    CHECK(added.failure().name == "trusted_proxy_invalid");
  }
}

TEST_CASE("H12: the client is the right-most address that is not trusted",
          "[http][proxy]") {
  const auto proxies = all_of({"10.0.0.0/8"});
  CHECK(client(proxies, {}) == "10.0.0.1");
  CHECK(client(proxies, {"203.0.113.9"}) == "203.0.113.9");
  CHECK(client(proxies, {"198.51.100.1, 203.0.113.9"}) == "203.0.113.9");
  CHECK(client(proxies, {"198.51.100.1,203.0.113.9 ,10.1.1.1"})
        == "203.0.113.9");
  CHECK(client(proxies, {"198.51.100.1", "203.0.113.9", "10.1.1.1"})
        == "203.0.113.9");
  CHECK(client(proxies, {"10.2.2.2, 10.1.1.1"}) == "10.2.2.2");
  CHECK(client(proxies, {"203.0.113.9:4711"}) == "203.0.113.9");
  CHECK(client(proxies, {"[2001:db8::9]:4711"}) == "2001:db8::9");
  CHECK(client(proxies, {"2001:db8::9"}) == "2001:db8::9");
  CHECK(client(proxies, {"::ffff:203.0.113.9"}) == "203.0.113.9");
}

TEST_CASE("H12: what is no address ends the search", "[http][proxy]") {
  const auto proxies = all_of({"10.0.0.0/8"});
  CHECK(client(proxies, {"203.0.113.9, unknown"}) == "10.0.0.1");
  CHECK(client(proxies, {"203.0.113.9, unknown, 10.1.1.1"}) == "10.1.1.1");
  CHECK(client(proxies, {"203.0.113.9,"}) == "10.0.0.1");
  CHECK(client(proxies, {"[2001:db8::9"}) == "10.0.0.1");
}

TEST_CASE("H12: only a trusted peer is believed, and it is not capped",
          "[http][proxy]") {
  auto options = quick();
  options.connections_per_address = 1;
  options.bounds_loopback = true;
  options.proxies = all_of({"127.0.0.2"});
  std::mutex mutex;
  std::vector<std::string> seen;
  options.check = [&](request& asked) -> std::optional<response> {
    const std::lock_guard lock{mutex};
    seen.emplace_back(asked.client.view());
    return std::nullopt;
  };
  echo_server server{options};
  const auto asked = get("/", "X-Forwarded-For: 203.0.113.9\r\n");
  auto stranger = server.connect(0, "127.0.0.1");
  CHECK(stranger.ask(asked).status == 200);
  CHECK(server.connect(0, "127.0.0.1").receive().status == 503);
  auto proxy = server.connect(0, "127.0.0.2");
  CHECK(proxy.ask(asked).status == 200);
  CHECK(server.connect(0, "127.0.0.2").ask(get("/")).status == 200);
  const std::lock_guard lock{mutex};
  CHECK(seen
        == std::vector<std::string>{"127.0.0.1", "203.0.113.9", "127.0.0.2"});
}
