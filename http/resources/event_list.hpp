// `GET /v1/events` and one event (behaviours G47–G53).
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "http/query.hpp"
#include "http/response.hpp"
#include "messages/commands.hpp"

#include <string_view>

namespace troupe::http {

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
