// What a contact is told of the mail it was sent.
#pragma once

#include "actors/work.hpp"

#include <optional>
#include <string>

namespace troupe::actors {

/// `$email_sent` or `$email_bounced`, once a mail server took the message or
/// refused it for good, or all tries are over.
/// @param row of the attempt that ended
std::optional<persistence::inbox_row>
told_of(const attempt_outcome& ended, const persistence::attempt_row& row,
        const std::string& channel, const engine::id_text& ids);

} // namespace troupe::actors
