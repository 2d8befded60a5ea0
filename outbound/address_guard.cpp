#include "outbound/address_guard.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace troupe::outbound {

namespace {

using ip_bytes = std::array<std::uint8_t, 16>;

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0,    0,
                                                     0, 0, 0, 0, 0xff, 0xff};

enum class reach { global, local_network, denied };

struct v4_range {
  std::uint32_t base;
  unsigned bits;
  reach verdict;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c,
                           std::uint32_t d) {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

// The first match counts.
constexpr std::array v4_ranges{
  v4_range{v4(100, 100, 100, 200), 32, reach::denied}, // Alibaba metadata
  v4_range{v4(168, 63, 129, 16), 32, reach::denied},   // Azure wire server
  v4_range{v4(10, 0, 0, 0), 8, reach::local_network},
  v4_range{v4(100, 64, 0, 0), 10, reach::local_network}, // carrier-grade NAT
  v4_range{v4(127, 0, 0, 0), 8, reach::local_network},
  v4_range{v4(172, 16, 0, 0), 12, reach::local_network},
  v4_range{v4(192, 168, 0, 0), 16, reach::local_network},
  v4_range{v4(0, 0, 0, 0), 8, reach::denied},      // this host
  v4_range{v4(169, 254, 0, 0), 16, reach::denied}, // link-local, metadata
  v4_range{v4(192, 0, 0, 0), 24, reach::denied},   // protocol assignments
  v4_range{v4(192, 0, 2, 0), 24, reach::denied},   // documentation
  v4_range{v4(192, 88, 99, 0), 24, reach::denied}, // 6to4 relays
  v4_range{v4(198, 18, 0, 0), 15, reach::denied},  // benchmarking
  v4_range{v4(198, 51, 100, 0), 24, reach::denied},
  v4_range{v4(203, 0, 113, 0), 24, reach::denied},
  v4_range{v4(224, 0, 0, 0), 4, reach::denied}, // multicast
  v4_range{v4(240, 0, 0, 0), 4, reach::denied}, // reserved, broadcast
};

reach reach_of_v4(std::uint32_t address) noexcept {
  for (const auto& range : v4_ranges)
    if (((address ^ range.base) >> (32 - range.bits)) == 0)
      return range.verdict;
  return reach::global;
}

std::uint64_t big_endian(const ip_bytes& ip, std::size_t from) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i)
    value = (value << 8) | ip[from + i];
  return value;
}

constexpr bool in_prefix(std::uint64_t high, std::uint64_t base,
                         unsigned bits) noexcept {
  return ((high ^ base) >> (64 - bits)) == 0;
}

reach reach_of_v6(const ip_bytes& ip) noexcept {
  const auto high = big_endian(ip, 0);
  const auto low = big_endian(ip, 8);
  if (high == 0 && low == 1)
    return reach::local_network;
  if (in_prefix(high, 0xfc00'0000'0000'0000, 7)) {
    // fd00:ec2::254 is the metadata service of AWS.
    const bool metadata = high == 0xfd00'0ec2'0000'0000 && low == 0x254;
    return metadata ? reach::denied : reach::local_network;
  }
  // Everything outside 2000::/3 is denied: ::, mapped and compatible IPv4,
  // NAT64, SRv6, link-local, site-local, multicast, and what is not assigned.
  if (!in_prefix(high, 0x2000'0000'0000'0000, 3))
    return reach::denied;
  const bool special
    = in_prefix(high, 0x2001'0000'0000'0000, 23)    // Teredo, benchmarking…
      || in_prefix(high, 0x2001'0db8'0000'0000, 32) // documentation
      || in_prefix(high, 0x3fff'0000'0000'0000, 20) // documentation
      || in_prefix(high, 0x2002'0000'0000'0000, 16) // 6to4
      // ISATAP: the lower half embeds an IPv4 address.
      || ((low >> 32) & 0xfcff'ffff) == 0x0000'5efe;
  return special ? reach::denied : reach::global;
}

ip_bytes mapped(const in_addr& address) noexcept {
  ip_bytes ip{};
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), ip.begin());
  std::memcpy(ip.data() + 12, &address, 4);
  return ip;
}

bool is_mapped(const ip_bytes& ip) noexcept {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), ip.begin());
}

bool is_wildcard(const ip_bytes& ip) noexcept {
  const std::size_t from = is_mapped(ip) ? 12 : 0;
  return std::all_of(ip.begin() + static_cast<std::ptrdiff_t>(from), ip.end(),
                     [](std::uint8_t byte) {
                       return byte == 0;
                     });
}

bool is_loopback(const ip_bytes& ip) noexcept {
  return (is_mapped(ip) && ip[12] == 127)
         || (big_endian(ip, 0) == 0 && big_endian(ip, 8) == 1);
}

std::optional<ip_endpoint> endpoint_of(const sockaddr* address,
                                       std::size_t size) noexcept {
  if (size >= sizeof(sockaddr_in) && address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return ip_endpoint{mapped(in.sin_addr), ntohs(in.sin_port)};
  }
  if (size >= sizeof(sockaddr_in6) && address->sa_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, address, sizeof in6);
    ip_endpoint endpoint{{}, ntohs(in6.sin6_port)};
    std::memcpy(endpoint.ip.data(), &in6.sin6_addr, 16);
    return endpoint;
  }
  return std::nullopt;
}

std::size_t size_of(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET)
    return sizeof(sockaddr_in);
  return address.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : 0;
}

std::vector<ip_bytes> interface_addresses() {
  std::vector<ip_bytes> found;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0)
    return found;
  for (const auto* it = first; it != nullptr; it = it->ifa_next)
    if (it->ifa_addr != nullptr)
      if (auto endpoint = endpoint_of(it->ifa_addr, size_of(*it->ifa_addr)))
        found.push_back(endpoint->ip);
  freeifaddrs(first);
  return found;
}

} // namespace

engine::result<ip_endpoint> parse_endpoint(std::string_view text) {
  const auto refused = engine::invalid(
    "invalid_address", "write an address as 127.0.0.1:8080 or [::1]:8080");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size())
    return refused;
  ip_endpoint endpoint;
  const auto* end = text.data() + text.size();
  const auto read
    = std::from_chars(text.data() + colon + 1, end, endpoint.port);
  if (read.ec != std::errc{} || read.ptr != end)
    return refused;
  std::string host{text.substr(0, colon)};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (inet_pton(AF_INET6, host.c_str(), endpoint.ip.data()) != 1)
      return refused;
    return endpoint;
  }
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) != 1)
    return refused;
  endpoint.ip = mapped(address);
  return endpoint;
}

address_guard::address_guard(address_guard_options options)
  : options_{std::move(options)} {
  const bool listens_on_all
    = std::any_of(options_.own_addresses.begin(), options_.own_addresses.end(),
                  [](const ip_endpoint& own) {
                    return is_wildcard(own.ip);
                  });
  if (listens_on_all)
    local_ = interface_addresses();
}

bool address_guard::is_own(const ip_endpoint& target) const noexcept {
  for (const auto& own : options_.own_addresses) {
    if (own.port != target.port)
      continue;
    if (own.ip == target.ip)
      return true;
    if (is_wildcard(own.ip)
        && (is_loopback(target.ip)
            || std::find(local_.begin(), local_.end(), target.ip)
                 != local_.end()))
      return true;
  }
  return false;
}

bool address_guard::allows(const sockaddr* address,
                           std::size_t size) const noexcept {
  const auto target = endpoint_of(address, size);
  if (!target || is_own(*target))
    return false;
  // A mapped IPv4 address that came as IPv6 is an embedding form: denied by
  // the IPv6 rule, whatever it embeds.
  const bool is_v4 = address->sa_family == AF_INET;
  const auto reached
    = is_v4 ? reach_of_v4(static_cast<std::uint32_t>(big_endian(target->ip, 8)))
            : reach_of_v6(target->ip);
  return reached == reach::global
         || (reached == reach::local_network && options_.allow_private);
}

} // namespace troupe::outbound
