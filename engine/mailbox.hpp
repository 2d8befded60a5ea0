// Who a message is from and to, as e-mail names them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

struct mailbox {
  std::string name;    // shown, perhaps empty; no control characters
  std::string address; // as mail_address() makes it
};

/// The address as servers take it: ASCII, without quotes or comments, its
/// domain as A-labels. Nothing for one that cannot be written so.
std::optional<std::string> mail_address(std::string_view text);

/// "ada@example.org", "Ada <ada@example.org>", with or without quotes around
/// the name.
std::optional<mailbox> parse_mailbox(std::string_view text);

} // namespace troupe::engine
