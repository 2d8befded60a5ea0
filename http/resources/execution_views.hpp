// What an event set going, as the API shows it: per sequence that it started or
// that refused it, what was sent, what failed and what was left out, and why.
#pragma once

#include "engine/executions.hpp"
#include "http/resources/explain_views.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace troupe::http {

/// One contact in one sequence.
struct execution_shown {
  /// Where it stands in a list: sequence, and which of its runs.
  std::pair<std::uint64_t, std::uint64_t> place;
  engine::execution_status status = engine::execution_status::filtered;
  boost::json::object view;
  std::optional<engine::timestamp> ended_at; // when it is over
};

/// In the order of their places.
/// @pre found.turn, and the executions were asked for
std::vector<execution_shown>
executions_of(const messages::decision_found& found, const view_context& with);

/// {status, started_at, completed_at, summary: {total_contacts, sent, failed,
/// filtered}}: each contact counts once, as failed if any of its executions
/// has failed, else as sent if any was sent (S36).
boost::json::object summary_of(const messages::decision_found& found,
                               const std::vector<execution_shown>& all);

} // namespace troupe::http
