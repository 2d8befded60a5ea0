// Settings of a server that decide whether what it confirms is kept.
#pragma once

#include "persistence/postgres/connection.hpp"

#include <string>
#include <vector>

namespace troupe::persistence::postgres {

/// Fails on a server that is too old, only reads, or loses commits when its
/// machine stops.
engine::status check_settings(connection& db);

/// What is not as safe as it could be.
engine::result<std::vector<std::string>> warnings_of(connection& db);

} // namespace troupe::persistence::postgres
