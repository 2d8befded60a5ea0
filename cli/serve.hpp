// `troupe serve`: runs the server until a signal ends it.
#pragma once

#include "cli/settings_load.hpp"

#include <functional>

namespace troupe::cli {

/// @param load_again for SIGHUP
/// @returns the exit code: 0 after a graceful stop, 1 when it could not start
int run_serve(const loaded_settings& from,
              const std::function<loaded_settings()>& load_again);

} // namespace troupe::cli
