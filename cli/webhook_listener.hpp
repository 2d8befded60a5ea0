// A receiver on this machine, for who develops one.
#pragma once

#include "cli/command.hpp"

namespace troupe::cli {

/// Subscribes itself, shows each delivery and whether its signature is good,
/// and takes the subscription back at the end. @returns the exit code
int listen_to_webhooks(const arguments& given);

} // namespace troupe::cli
