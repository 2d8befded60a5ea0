// One event of Amplitude's HTTP API v2.
#pragma once

#include "http/doors/loose_event.hpp"

#include <string_view>

namespace troupe::http::amplitude {

/// `$identify` and what `user_properties` say set attributes; other names with
/// `$` become "amplitude.…".
engine::result<messages::ingest> read_amplitude_event(const api_context& with,
                                                      std::string_view text,
                                                      const event_setting& as);

} // namespace troupe::http::amplitude
