// Writing a contact: for the native door, and for others that bring their own
// words for it.
#pragma once

#include "http/resources/contact_views.hpp"
#include "http/visit.hpp"

#include <functional>

namespace troupe::http {

/// Of the one who asks, without anything to write.
messages::contact_change change_by(const api_context& with, const visit& now);

/// Adds identities, attributes, tags and score as `POST /v1/contacts` has them.
/// @pre the change has a write, which says whether it is exact
engine::status read_members(messages::contact_change& change,
                            const boost::json::object& body);

using written_view = std::function<response(const messages::contact_changed&,
                                            const view_context&)>;

/// Has it written and answers with a view of the contact, or with why not.
void change_contact(const api_context& with, const pending_answer& answer,
                    messages::contact_change wish, written_view view);

} // namespace troupe::http
