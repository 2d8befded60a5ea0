// A contact, its runs and its timeline, as views of its state and turns.
#pragma once

#include "engine/ids.hpp"
#include "messages/catalog.hpp"
#include "messages/commands.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace troupe::http {

struct view_context {
  const engine::id_text& ids;
  const messages::workspace_catalog& workspace;
};

/// {event}, {timer} or {operator, reason} (api.md, "Run").
boost::json::object cause_of(const engine::turn& what,
                             const engine::id_text& ids);

boost::json::object contact_view(const messages::contact_shown& shown,
                                 const view_context& with);

/// Runs with their history, newest first, ended ones included.
boost::json::array runs_view(const messages::contact_shown& shown,
                             const view_context& with);

/// The turns, newest first.
boost::json::array timeline_view(const messages::contact_shown& shown,
                                 const view_context& with);

} // namespace troupe::http
