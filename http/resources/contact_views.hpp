// A contact, its runs and its timeline, as views of its state and turns.
#pragma once

#include "engine/ids.hpp"
#include "messages/catalog.hpp"
#include "messages/commands.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace troupe::http {

struct view_context {
  const engine::id_text& ids;
  const messages::workspace_catalog& workspace;
};

/// "event", "timer", …
std::string_view kind_name(engine::turn_kind kind);

/// Whose turn it is; null for a notice, which is nobody's.
boost::json::value contact_or_null(const engine::turn& what,
                                   const engine::id_text& ids);

/// {event}, {timer} or {operator, reason} (api.md, "Run").
boost::json::object cause_of(const engine::turn& what,
                             const engine::id_text& ids);

boost::json::object contact_view(const messages::contact_shown& shown,
                                 const view_context& with);

/// Runs with their history, newest first, ended ones included.
boost::json::array runs_view(const messages::contact_shown& shown,
                             const view_context& with);

/// One of them, by its text id.
std::optional<boost::json::value> run_view(const messages::contact_shown& shown,
                                           std::string_view id,
                                           const view_context& with);

/// The turns, newest first.
boost::json::array timeline_view(const messages::contact_shown& shown,
                                 const view_context& with);

} // namespace troupe::http
