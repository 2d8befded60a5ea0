// A contact in Sendmator's words: what its bodies say, and how it is shown.
#pragma once

#include "http/resources/contact_views.hpp"
#include "http/visit.hpp"

#include <boost/json/object.hpp>

namespace troupe::http::sendmator {

/// What the body writes: at once into a contact that is new, or exactly as it
/// says into one that is named beside it.
engine::result<messages::contact_change>
read_contact(const api_context& with, const visit& now, bool is_new);

/// Choices {channel, category?, subscribed}; of the category `*`, or of none,
/// it is the whole channel.
engine::result<engine::preference_list>
read_preferences(const api_context& with, const visit& now);

/// The one choice of a path, whose body says {subscribed}.
engine::result<engine::preference_list> read_preference(const api_context& with,
                                                        const visit& now);

/// `tags`, at least one.
engine::result<std::vector<std::string>> read_tags(const visit& now);

boost::json::object contact_view(const engine::contact_state& of,
                                 const view_context& with);

/// {tags}
boost::json::object tags_view(const engine::contact_state& of,
                              const view_context& with);

/// {preferences: {channel: {category: subscribed}}, …}
boost::json::object preferences_view(const engine::contact_state& of,
                                     const view_context& with);

} // namespace troupe::http::sendmator
