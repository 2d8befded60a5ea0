// `GET /v1/events` and one event (behaviours G47–G53).
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "http/cursor.hpp"
#include "http/query.hpp"
#include "http/response.hpp"
#include "messages/commands.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace troupe::http {

/// How far back lists of events go (G24).
inline constexpr auto events_shown = std::chrono::days{90};

/// How an event is shown.
using event_writer
  = std::string (*)(const engine::turn& of, const engine::id_text& ids,
                    std::string_view tenant);

/// By `format`: `native`, or `growthos` for the envelope of reference 001.
engine::result<event_writer> read_format(const query_parameters& from);

/// @param now newest time of the 90 days that the list shows
engine::result<messages::event_search>
read_search(const query_parameters& from, engine::workspace_id workspace,
            const engine::id_text& ids, const cursor_codec& cursors,
            engine::timestamp now);

response list_of(const messages::events_found& found,
                 engine::workspace_id workspace, const engine::id_text& ids,
                 const cursor_codec& cursors, std::string_view tenant,
                 event_writer write);

/// Adds `contact.external_id`, `contact.email` and the like.
/// @param name of the parameter; begins with "contact."
engine::status read_contact(messages::event_search& search,
                            const std::string& name, std::string_view value,
                            const engine::id_text& ids);

engine::result<engine::timestamp> read_time(const std::string& name,
                                            std::string_view text);

} // namespace troupe::http
