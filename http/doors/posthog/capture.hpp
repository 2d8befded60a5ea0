// One event as PostHog's libraries capture it.
#pragma once

#include "http/doors/loose_event.hpp"

#include <optional>
#include <string_view>

namespace troupe::http::posthog {

/// `$identify`, `$create_alias`, `$pageview` and the like become what Troupe
/// calls them; other names with `$` become "posthog.…": here they are the
/// client's, and Troupe's own begin so.
/// @param sent_at when the request was, by the client's clock
engine::result<messages::ingest>
read_capture(const api_context& with, std::string_view text,
             const event_setting& as, std::optional<engine::timestamp> sent_at);

} // namespace troupe::http::posthog
