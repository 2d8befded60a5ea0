// A trigger as the Sendmator door shows it: its summary, what it came to in
// each workflow, and for each contact.
#pragma once

#include "http/resources/execution_views.hpp"
#include "messages/triggers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::http::sendmator {

/// What it came to for one contact in one workflow.
struct job_shown {
  std::pair<std::uint64_t, std::uint64_t> place; // in the list
  engine::execution_status status{};
  std::string workflow; // key
  boost::json::object view;
};

struct trigger_shown {
  std::string id;
  std::string_view status;
  engine::timestamp created_at{};
  std::optional<engine::timestamp> scheduled_for;
  std::optional<engine::timestamp> started_at;
  std::optional<engine::timestamp> completed_at;
  messages::trigger_found const* of = nullptr; // null: it was nobody's
  engine::trigger_counts counts;
  std::string reason;          // why nothing came of it; or empty
  std::vector<job_shown> jobs; // those that were asked for
};

/// Of an event that named no contact (S8).
trigger_shown shown_of_nobody(std::string id, engine::timestamp at);

/// @param found outlives it
trigger_shown shown_of(std::string id, const messages::trigger_found& found,
                       const view_context& with);

/// `GET /triggers/{id}` (S34)
boost::json::object summary_view(const trigger_shown& what);
/// `GET /triggers/{id}/workflow` (S37)
boost::json::object details_view(const trigger_shown& what,
                                 const view_context& with);
/// `results` of a synchronous trigger (S48).
boost::json::array results_view(const trigger_shown& what);

} // namespace troupe::http::sendmator
