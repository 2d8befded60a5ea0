// What the resources share that people define: wishes and look-ups.
#pragma once

#include "http/visit.hpp"
#include "messages/definition_lookup.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <optional>

namespace troupe::http {

/// A wish of the one who asks, without body.
messages::definition_change wish_of(const visit& now,
                                    messages::definition_change::kind what);

/// The same with the request's JSON; nothing when it was refused.
std::optional<messages::definition_change>
read_wish(visit& now, messages::definition_change::kind what);

/// Asks for the change and answers with what came of it.
/// @param view of what the change shows; absent: that itself
void change(const api_context& with, visit now,
            messages::definition_change wish, std::uint16_t status,
            std::function<boost::json::object(boost::json::object)> view = {});

/// Asks the store for what the catalog does not hold.
void look_up(const api_context& with, messages::definition_lookup what,
             std::function<void(messages::definition_found)> then);

/// ISO 8601; null for the epoch, which stands for a time not known.
boost::json::value time_or_null(engine::timestamp at);

} // namespace troupe::http
