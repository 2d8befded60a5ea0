// What the parameters of those who follow events ask for.
#pragma once

#include "http/visit.hpp"

#include <string>
#include <string_view>

namespace troupe::http {

/// The place of an event by its id, to go on behind it.
/// @returns `event_id_invalid`
engine::result<engine::position> read_place(const api_context& with,
                                            engine::workspace_id workspace,
                                            std::string_view id,
                                            const std::string& pointer);

/// Reads one of the parameters that all of them have: `type`, by any of its
/// names, and `after`.
/// @returns whether it is one of them; `event_id_invalid`
/// @pre into.search.contact.workspace is set
engine::result<bool> read_feed_parameter(messages::event_follower& into,
                                         const api_context& with,
                                         const std::string& name,
                                         const std::string& value);

} // namespace troupe::http
