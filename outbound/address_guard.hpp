// ADDRESS GUARD: decides by the binary address whether a call may go there
// (W1, W2, W5). Only global unicast passes; `allow_private` adds the private
// networks, and own listening addresses never pass. Immutable after it is made,
// so every thread may ask.
#pragma once

#include "engine/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

struct sockaddr;

namespace troupe::outbound {

/// An address and a port; IPv4 is held in its mapped form ::ffff:a.b.c.d.
struct ip_endpoint {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;

  friend bool operator==(const ip_endpoint&, const ip_endpoint&) = default;
};

/// Reads "127.0.0.1:8080" or "[::1]:8080".
/// @returns the endpoint, or `invalid_address`
engine::result<ip_endpoint> parse_endpoint(std::string_view text);

struct address_guard_options {
  /// `--allow-private-webhooks`: lets loopback, RFC 1918, CGNAT and unique
  /// local addresses pass. Link-local ones, where clouds keep their metadata
  /// service, stay denied.
  bool allow_private = false;
  /// What this process listens on; 0.0.0.0 and :: stand for every address of
  /// this machine. Known only after listening, so make the guard after that.
  std::vector<ip_endpoint> own_addresses;
  /// Ports an address may name while `allow_private` is off; empty: any.
  std::vector<std::uint16_t> ports{443, 8443};
};

class address_guard {
public:
  address_guard() : address_guard(address_guard_options{}) {}

  explicit address_guard(address_guard_options options);

  /// Whether a connection to this address of `size` bytes may be made. Anything
  /// but a whole sockaddr_in or sockaddr_in6 is denied.
  [[nodiscard]] bool allows(const sockaddr* address,
                            std::size_t size) const noexcept;

  [[nodiscard]] const address_guard_options& options() const noexcept {
    return options_;
  }

private:
  [[nodiscard]] bool is_own(const ip_endpoint& target) const noexcept;

  address_guard_options options_;
  /// Addresses of this machine; filled when it listens on all of them.
  std::vector<std::array<std::uint8_t, 16>> local_;
};

} // namespace troupe::outbound
