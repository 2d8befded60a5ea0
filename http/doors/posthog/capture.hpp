// One event as PostHog's libraries capture it.
#pragma once

#include "http/doors/door_event.hpp"

#include <optional>
#include <string_view>

namespace troupe::http::posthog {

/// `$identify`, `$create_alias`, `$pageview` and the like become what Troupe
/// calls them; other names with `$` become "posthog.…": here they are the
/// client's, and Troupe's own begin so.
engine::result<messages::ingest>
read_capture(const api_context& with, engine::workspace_id workspace,
             std::string_view text, engine::timestamp received_at,
             std::optional<engine::timestamp> sent_at, bool is_history = false);

} // namespace troupe::http::posthog
