// `GET /v1/events` and one event (behaviours G47–G53).
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "http/query.hpp"
#include "http/response.hpp"
#include "messages/commands.hpp"

#include <chrono>
#include <string_view>

namespace troupe::http {

/// How far back lists of events go (G24).
inline constexpr auto events_shown = std::chrono::days{90};

/// @param now newest time of the 90 days that the list shows
engine::result<messages::event_search>
read_search(const query_parameters& from, engine::workspace_id workspace,
            const engine::id_text& ids, engine::timestamp now);

response list_of(const messages::events_found& found,
                 const engine::id_text& ids, std::string_view tenant);

/// A contact as a path names it: "con_…", "external_id:usr_1", "email:…".
engine::result<messages::contact_reference>
read_reference(std::string_view text, engine::workspace_id workspace,
               const engine::id_text& ids);

} // namespace troupe::http
