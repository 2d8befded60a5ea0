// What lists of contacts ask for, and a page of who was found.
#pragma once

#include "http/resources/contact_views.hpp"
#include "http/visit.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace troupe::http {

/// What a list calls the parameters whose names differ from door to door.
struct contact_search_names {
  std::string_view text; // an identity, or the beginning of one
  std::string_view cursor;
};

/// Reads one of the parameters that every list of contacts has: `tag`, a text,
/// `limit` and the cursor.
/// @returns whether it is one of them; `query_parameter_invalid`,
/// `cursor_invalid`
engine::result<bool> read_contact_search(messages::contact_search& into,
                                         const contact_search_names& called,
                                         const std::string& name,
                                         const std::string& value,
                                         const cursor_codec& cursors);

using found_contact_view = std::function<boost::json::object(
  engine::contact_state of, const view_context& about)>;

/// Answers with a page of who is found.
void find_contacts(const api_context& with, visit now,
                   messages::contact_search search, found_contact_view view);

} // namespace troupe::http
