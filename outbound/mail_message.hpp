// A message as RFC 5322 and MIME write it. Whatever its parts hold, no header
// comes of it that is not meant, and every line is short ASCII.
#pragma once

#include "engine/error.hpp"
#include "engine/mailbox.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::outbound {

struct mail_message {
  engine::mailbox from;
  std::optional<engine::mailbox> reply_to;
  std::string to; // an address of mail_address()
  std::string subject;
  std::string text; // at least one of the two
  std::string html;
  std::string message_id;      // without its brackets; printable ASCII
  std::string unsubscribe_url; // empty: none; printable ASCII
  std::chrono::sys_seconds date{};
};

/// Lines end with CRLF; text and html together are alternatives. The same
/// message is written the same again.
std::string to_mime(const mail_message& message);

/// The text of a header that people read: what is not plain ASCII as encoded
/// words of RFC 2047, on as many lines as it needs.
std::string header_text(std::string_view text);

/// RFC 2045; line ends of any kind become CRLF.
std::string quoted_printable(std::string_view text);

} // namespace troupe::outbound
