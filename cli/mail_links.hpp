// Puts into a message, when it goes out, the links that lead back to this
// server: to unsubscribe, and when its channel tracks, those that say that it
// was opened and followed.
#pragma once

#include "http/tracking_token.hpp"
#include "messages/outgoing_call.hpp"

#include <memory>
#include <string>

namespace troupe::cli {

class mail_links {
public:
  /// @param public_url where people reach this server; empty: they cannot, and
  /// no message has such links
  mail_links(std::shared_ptr<const http::tracking_codec> tokens,
             std::string public_url)
    : tokens_{std::move(tokens)}, public_url_{std::move(public_url)} {}

  /// @returns where to unsubscribe from what the call sends, or empty
  std::string put_into(messages::outgoing_call& call) const;

private:
  [[nodiscard]] std::string url(http::link_kind what, std::string_view path,
                                const messages::message_origin& from,
                                std::string_view to = {}) const;

  std::shared_ptr<const http::tracking_codec> tokens_;
  std::string public_url_;
};

} // namespace troupe::cli
