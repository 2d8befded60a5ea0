#include "http/trusted_proxies.hpp"

#include "http/characters.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace troupe::http {

namespace {

namespace ip = boost::asio::ip;

constexpr unsigned bits_of_v6 = 128;
constexpr unsigned bits_before_v4 = 96;

ip::address_v6::bytes_type wide(const ip::address& address) {
  return address.is_v6()
           ? address.to_v6().to_bytes()
           : ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

std::optional<ip::address> parse(std::string_view text) {
  boost::system::error_code failed;
  auto address = ip::make_address(std::string{text}, failed);
  if (failed || text.find('%') != text.npos) // a zone names an interface
    return std::nullopt;
  return address;
}

/// "192.0.2.1", "192.0.2.1:443", "2001:db8::1", "[2001:db8::1]:443"
std::optional<ip::address> parse_element(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos)
      return std::nullopt;
    return parse(text.substr(1, end - 1));
  }
  const auto colon = text.find(':');
  if (colon != text.npos && text.find(':', colon + 1) == text.npos)
    text = text.substr(0, colon);
  return parse(text);
}

} // namespace

address_text text_of(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return address_text{
      ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string()};
  return address_text{address.to_string()};
}

engine::status trusted_proxies::add(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse(text.substr(0, slash));
  auto is_right = address.has_value();
  auto bits = bits_of_v6;
  if (is_right && slash != text.npos) {
    const auto digits = text.substr(slash + 1);
    const auto bits_max
      = address->is_v4() ? bits_of_v6 - bits_before_v4 : bits_of_v6;
    const auto* end = digits.data() + digits.size();
    const auto [stop, ec] = std::from_chars(digits.data(), end, bits);
    is_right = ec == std::errc{} && stop == end && bits <= bits_max;
    bits += address->is_v4() ? bits_before_v4 : 0;
  }
  if (!is_right)
    return engine::invalid("trusted_proxy_invalid",
                           "\"" + std::string{text}
                             + "\" is neither an address nor a network such "
                               "as 10.0.0.0/8.");
  networks_.push_back({wide(*address), bits});
  return engine::success();
}

bool trusted_proxies::contains(const ip::address& address) const {
  const auto all = wide(address);
  const auto is_in = [&all](const network& each) {
    const auto whole = each.bits / 8;
    if (!std::equal(all.begin(), all.begin() + whole, each.prefix.begin()))
      return false;
    const auto rest = each.bits % 8;
    return rest == 0 || (all[whole] ^ each.prefix[whole]) >> (8 - rest) == 0;
  };
  return std::any_of(networks_.begin(), networks_.end(), is_in);
}

address_text trusted_proxies::client_of(const request& asked,
                                        const address_text& peer) const {
  std::vector<std::string_view> said;
  asked.each_header([&said](std::string_view name, std::string_view value) {
    if (equal_ignoring_case(name, "X-Forwarded-For"))
      said.push_back(value);
  });
  auto nearest = peer;
  for (auto value = said.rbegin(); value != said.rend(); ++value) {
    for (auto rest = *value;;) {
      const auto comma = rest.rfind(',');
      const auto element
        = trim_blanks(comma == rest.npos ? rest : rest.substr(comma + 1));
      const auto address = parse_element(element);
      if (!address)
        return nearest;
      nearest = text_of(*address);
      if (!contains(*address))
        return nearest;
      if (comma == rest.npos)
        break;
      rest = rest.substr(0, comma);
    }
  }
  return nearest;
}

} // namespace troupe::http
