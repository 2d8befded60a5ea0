// Joins the dispatchers' port with the outbound room: signs and sends.
#pragma once

#include "cli/mail_links.hpp"
#include "messages/outgoing_call.hpp"
#include "outbound/transport.hpp"

#include <memory>

namespace troupe::cli {

/// @pre the transport outlives the port's last call
messages::call_port make_call_port(outbound::transport& transport,
                                   const outbound::address_guard& guard,
                                   mail_links links);

} // namespace troupe::cli
