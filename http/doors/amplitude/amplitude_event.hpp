// One event of Amplitude's HTTP API v2.
#pragma once

#include "http/doors/door_event.hpp"

#include <string_view>

namespace troupe::http::amplitude {

/// `$identify` and what `user_properties` say set attributes; other names with
/// `$` become "amplitude.…".
engine::result<messages::ingest>
read_amplitude_event(const api_context& with, engine::workspace_id workspace,
                     std::string_view text, engine::timestamp received_at,
                     bool is_history = false);

} // namespace troupe::http::amplitude
