// Copies of the store in PostgreSQL, by its own programs: made while a server
// writes to it, read through, and put into an empty database.
#pragma once

#include "engine/error.hpp"
#include "persistence/copy_facts.hpp"

#include <string>

namespace troupe::persistence::postgres {

/// A copy, and the major version of the pg_dump that made it.
struct dump {
  copy_facts facts;
  int made_by = 0;
};

/// Writes the store, as it is at one moment, to `file` (mode 0600, not synced).
/// @returns `backup_tool_missing`, `backup_tool_too_old`, `backup_tool_failed`
engine::result<dump> dump_store(const std::string& url,
                                const std::string& file);

/// Reads all of a copy and counts its rows. A copy does not say its schema or
/// its newest turn before it is restored.
/// @param made_by of the copy
engine::result<copy_facts> read_dump(const std::string& file, int made_by);

/// Puts a copy into the database, whole or not at all, and looks whether its
/// tables agree. No server writes there meanwhile.
/// @returns `target_not_empty`, `backup_damaged`
engine::status restore_dump(const std::string& url, const std::string& file,
                            int made_by);

} // namespace troupe::persistence::postgres
