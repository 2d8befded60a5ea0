// What is triggered to happen later, or to many contacts: kept, called off,
// looked at.
#pragma once

#include "engine/trigger.hpp"
#include "messages/explain.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe::messages {

/// A run of a sequence for some contacts.
struct workflow_wish {
  engine::sequence_id sequence{};
  engine::contact_id contact{};  // 0: those with all of the tags, or everyone
  std::vector<std::string> tags; // none: everyone
  boost::json::object vars;      // of the runs
  std::string by;                // text id of the API key
  std::string request_id;
};

/// A new trigger; or, without what it shall do, what becomes of one that waits.
struct trigger_wish {
  engine::trigger_row row;
  std::optional<engine::incoming_event> event;
  std::optional<workflow_wish> workflow;
};

struct trigger_kept {
  std::optional<engine::error> failure;
  engine::trigger_row row; // as it is now
};

/// One of: an event that happened; a trigger with a row of its own.
struct trigger_search {
  engine::workspace_id workspace{};
  engine::position turn{}; // 0: by `stored`
  engine::inbox_id stored;
  std::optional<engine::execution_status> of; // of many contacts: only those
  engine::contact_id after{};                 // likewise: exclusive
  std::size_t limit = 0;                      // likewise: to be shown
};

/// What a trigger came to for a contact.
struct triggered {
  engine::trigger_contact_row row;
  std::optional<decision_found> decision; // absent: it could not begin
};

struct trigger_found {
  std::optional<engine::error> failure;
  std::optional<engine::trigger_row> row;
  std::optional<workflow_wish> workflow;  // of the row
  std::optional<decision_found> decision; // about the event that happened
  // Of many contacts:
  engine::trigger_counts counts;
  std::vector<triggered> contacts; // one page
  bool has_more = false;
  /// What is known to be over since it was asked last; to be kept.
  std::vector<engine::trigger_contact_row> settled;
};

} // namespace troupe::messages
