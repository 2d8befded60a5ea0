// The native door's answer to an event (behaviours G9–G18, G57).
#pragma once

#include "engine/ids.hpp"
#include "http/response.hpp"
#include "messages/commands.hpp"

namespace troupe::http::native {

/// @param as_sdk with the members that the reference's SDK reads (G8) as well
response answer_of(const messages::receipt& done, const engine::id_text& ids,
                   bool as_sdk);

} // namespace troupe::http::native
