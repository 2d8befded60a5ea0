// Channels that send e-mail: how they are set up, what one of their messages
// is, and what the contact is told of it.
#pragma once

#include "actors/definitions.hpp"
#include "actors/work.hpp"

#include <boost/json/object.hpp>

#include <optional>
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

/// `$email_sent` or `$email_bounced`, once what became of the delivery is
/// certain.
/// @param row of the attempt that ended
std::optional<persistence::inbox_row>
told_of(const attempt_outcome& ended, const persistence::attempt_row& row,
        const std::string& channel, const engine::id_text& ids);

} // namespace troupe::actors
