// Entries of the audit log: views of turns and of administrators' notes.
#pragma once

#include "http/cursor.hpp"
#include "http/resources/contact_views.hpp"
#include "messages/commands.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace troupe::http {

/// "run.enrolled", "run.paused", …
std::string_view intervention_action(engine::intervention_kind what);

struct audit_page {
  boost::json::array data;
  bool has_more = false;
  list_place next; // when there is more
};

/// Merges both kinds of entries by time.
/// @param place where the search began
audit_page audit_page_of(const messages::audit_found& found,
                         engine::workspace_id workspace, std::size_t limit,
                         const list_place& place, const view_context& with);

} // namespace troupe::http
