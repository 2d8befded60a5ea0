// Channels that send e-mail: how they are set up, and what one of their
// messages is.
#pragma once

#include "actors/definitions.hpp"
#include "actors/work.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace troupe::actors {

struct mail_channel {
  boost::json::object settings; // without the password
  std::string password;
};

/// What is given takes the place of what is there; null takes it away.
/// @returns what is wrong with a member, or with them together
engine::result<mail_channel> changed(mail_channel now,
                                     const boost::json::object& given,
                                     const definitions_options& options);

/// @param settings of the channel `to`
/// @returns the message, `recipient_missing` or `message_empty`
engine::result<messages::outgoing_call>
render_mail(const pulled_delivery& what, const persistence::destination_row& to,
            const boost::json::object& settings, const engine::id_text& ids);

} // namespace troupe::actors
