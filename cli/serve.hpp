// `troupe serve`: composes all rooms, runs until a signal, stops in order.
#pragma once

#include "cli/settings.hpp"

namespace troupe::cli {

/// @returns the exit code: 0 after a graceful stop, 1 when it could not start
int run_serve(const settings& options);

} // namespace troupe::cli
