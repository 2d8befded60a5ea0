// What the links of a message bring back: authenticated, so that nobody can
// make one, and a link leads only where the message did (no open redirect).
#pragma once

#include "messages/message_origin.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

/// Append only: links stay good as long as people keep their mail.
enum class link_kind : std::uint8_t {
  open = 1,        // the picture that nobody sees
  click = 2,       // leads on to a URL
  unsubscribe = 3, // of the channel, or of the category of the message
};

/// Longer ones are not led through Troupe.
inline constexpr std::size_t tracked_url_max = 2000;

struct followed_link {
  messages::message_origin origin;
  std::string url; // of a click
};

class tracking_codec {
public:
  /// @param secret of the installation
  explicit tracking_codec(std::string secret) : secret_{std::move(secret)} {}

  /// Letters, digits, `-` and `_`. Of the origin's texts 255 bytes each.
  /// @pre the URL has at most tracked_url_max bytes
  [[nodiscard]] std::string encode(link_kind what,
                                   const messages::message_origin& from,
                                   std::string_view url = {}) const;

  /// Nothing when it was not made by encode() of this installation.
  [[nodiscard]] std::optional<followed_link>
  decode(link_kind what, std::string_view token) const;

private:
  [[nodiscard]] std::string seal(link_kind what, std::string_view bytes) const;

  std::string secret_;
};

} // namespace troupe::http
