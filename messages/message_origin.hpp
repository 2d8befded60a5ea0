// Which message a link in it is of, and to whom it went: what the link brings
// back when somebody follows it.
#pragma once

#include "engine/ids.hpp"

#include <cstdint>
#include <string>

namespace troupe::messages {

struct message_origin {
  engine::workspace_id workspace{};
  engine::contact_id contact{};
  engine::destination_id channel{};
  engine::position turn{}; // that sent it
  std::uint32_t ordinal = 0;
  engine::timestamp at{}; // of the turn
  std::string sequence;   // its key
  std::string node;
  std::string category; // empty: none
};

} // namespace troupe::messages
