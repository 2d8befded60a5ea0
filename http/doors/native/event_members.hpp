// Members that bodies of the native doors share: whose an event is, when it
// happened, what it is worth.
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "messages/commands.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace troupe::http::native {

// What the members are called: in the reference document, and by its SDK (G8).
struct member_names {
  std::string_view type;
  std::string_view metadata;
  std::string_view contact; // pointer to the object that holds those below
  std::string_view external_id;
  std::string_view anonymous_id;
};

constexpr member_names document_names{"type", "metadata", "/contact",
                                      "external_id", "anonymous_id"};

/// "/<member>"
std::string pointer_to(std::string_view member);

/// Adds the identity if it is given; null, empty and placeholders mean that it
/// is not.
engine::status add_identity(engine::incoming_event& event,
                            const boost::json::object& contact,
                            engine::identity_kind kind,
                            const member_names& names);

/// The member `contact`: identities, or an id alone.
/// @returns `contact_required`, `contact_not_found`, or what is wrong with it
engine::status read_contact(messages::ingest& command,
                            const boost::json::object& from,
                            const engine::id_text& ids);

/// When it happened, if the member is given.
engine::status read_time(engine::incoming_event& event,
                         const boost::json::object& from,
                         std::string_view member);

/// `value` and `value_currency`, if they are given.
engine::status read_value(engine::incoming_event& event,
                          const boost::json::object& from);

} // namespace troupe::http::native
