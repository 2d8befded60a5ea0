// Numbered, forward-only changes of the schema, embedded at build time.
#pragma once

#include "engine/error.hpp"
#include "persistence/postgres/connection.hpp"

#include <span>

namespace troupe::persistence::postgres {

/// SQL of migration n at index n - 1; never edited after a release.
extern const std::span<const char* const> migrations;

/// Brings the schema to the newest version, one transaction per step; of
/// several processes that begin at once one does. Fails on a store that a newer
/// release wrote.
engine::status migrate(connection& db);

} // namespace troupe::persistence::postgres
