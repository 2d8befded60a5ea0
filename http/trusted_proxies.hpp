// Which peers are proxies of the operator: only from them is X-Forwarded-For
// believed (H12).
#pragma once

#include "engine/error.hpp"
#include "http/request.hpp"
#include "http/short_text.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace troupe::http {

/// Without a port; IPv4 in IPv6 is the same client as plain IPv4.
address_text text_of(const boost::asio::ip::address& address);

class trusted_proxies {
public:
  /// @param text "10.0.0.7", "10.0.0.0/8", "fd00::/8"
  /// @returns invalid_request `trusted_proxy_invalid`
  engine::status add(std::string_view text);

  [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;

  /// The right-most address of X-Forwarded-For that is no trusted proxy: what
  /// stands left of it is hearsay. What is not an address ends the search;
  /// then the proxy that passed it on is all that is known.
  [[nodiscard]] address_text client_of(const request& asked,
                                       const address_text& peer) const;

private:
  using bytes = boost::asio::ip::address_v6::bytes_type;

  struct network {
    bytes prefix{};
    unsigned bits = 0;
  };

  std::vector<network> networks_; // IPv4 as IPv4 in IPv6
};

} // namespace troupe::http
