// What a trigger shall do, as its row keeps it until then.
#pragma once

#include "messages/triggers.hpp"

#include <optional>
#include <string>

namespace troupe::actors {

std::string text_of(const engine::incoming_event& event);
/// Nothing when the text is none of these.
std::optional<engine::incoming_event> event_in(const std::string& wish);

std::string text_of(const messages::workflow_wish& workflow);
std::optional<messages::workflow_wish> workflow_in(const std::string& wish);

} // namespace troupe::actors
