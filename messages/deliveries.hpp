// Questions about deliveries from outside, and what is answered.
#pragma once

#include "engine/delivery.hpp"
#include "engine/error.hpp"
#include "engine/turn.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::messages {

/// Deliveries of one webhook endpoint, newest first.
struct delivery_search {
  engine::workspace_id workspace{};
  std::string endpoint;                          // "whe_…"
  std::vector<engine::delivery_status> statuses; // any of; empty: all
  std::optional<engine::timestamp> since;        // of the event; inclusive
  std::optional<engine::timestamp> until;        // exclusive
  engine::delivery_name before;                  // turn 0: from the newest
  std::size_t limit = 50;
  bool attempted_only = false; // and no more of them than their names

  // What the gateway knows of the endpoint.
  engine::destination_id destination{};
  bool active = true; // else what is pending is held
};

struct delivery_attempt {
  engine::timestamp at{};
  std::string detail; // JSON text
};

struct delivery_seen {
  engine::delivery_name name;
  engine::delivery_status status = engine::delivery_status::pending;
  std::optional<engine::timestamp> next_attempt_at;
  std::vector<delivery_attempt> attempts; // oldest first
  engine::turn turn;
  std::string endpoint; // text id
};

struct deliveries_found {
  std::optional<engine::error> failure;
  std::vector<delivery_seen> deliveries;
  bool has_more = false;
  engine::delivery_name next; // where it goes on; set with has_more
};

struct delivery_reference {
  engine::workspace_id workspace{};
  engine::delivery_name name;
  bool active = true; // set by the gateway, as above
};

/// The delivery before one in its lane: of the same contact and destination.
struct earlier_delivery {
  engine::turn_stamp stamp;
  std::uint32_t ordinal = 0;
};

struct delivery_shown {
  std::optional<engine::error> failure;
  delivery_seen seen;
  std::optional<earlier_delivery> previous;
  std::string body; // of its requests
};

/// All deliveries of a search shall be made again, or one.
struct replay_wish {
  delivery_search search;                // its limit bounds them
  std::optional<delivery_reference> one; // then this, and no search
  // Who asks.
  std::string by; // text id of the key
  std::string request_id;
};

struct replayed {
  std::optional<engine::error> failure;
  std::size_t count = 0;
  bool has_more = false;
  engine::delivery_name next;
  delivery_seen seen; // of one
};

} // namespace troupe::messages
