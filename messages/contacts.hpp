// Writes to contacts and lists of them, from outside.
#pragma once

#include "messages/commands.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe::messages {

/// What shall be written, as an event without a record; or an event.
struct contact_change {
  ingest command; // its event has `write`, or a record
  /// Whose; none: the contact of the event's identities, or a new one.
  std::optional<contact_reference> contact;
};

struct contact_changed {
  std::optional<engine::error> failure;
  engine::contact_id owner{}; // of the identity, when that is the failure
  receipt done;
  contact_shown shown; // as it is after it
};

/// Turns of a contact and all it absorbed, newest first.
struct timeline_search {
  contact_reference contact;
  bool runs_only = false;    // turns that say what runs did, all of a bound
  engine::position before{}; // 0: from the newest
  std::size_t limit = 50;
  /// The contact is that of the turn, and older turns are not wanted; 0: any.
  engine::position since_turn{};
};

struct contact_search {
  engine::workspace_id workspace{};
  std::string tag; // empty: any
  std::optional<engine::segment_id> segment;
  std::string query; // an identity, or the beginning of one; empty: any
  engine::contact_id before{}; // by when they came to be; 0: from the newest
  std::size_t limit = 50;
};

struct contacts_found {
  std::optional<engine::error> failure;
  std::vector<engine::contact_state> contacts; // newest first
  bool has_more = false;
  engine::contact_id next{}; // where it goes on; set with has_more
};

} // namespace troupe::messages
