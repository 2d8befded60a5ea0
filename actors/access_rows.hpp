// Wishes about workspaces and their keys.
#pragma once

#include "actors/definitions.hpp"

namespace troupe::actors {

/// A workspace with its first key and the channels every workspace begins with.
engine::result<wished_rows>
new_workspace(const messages::definition_change& wish,
              const definitions_options& options);

engine::result<wished_rows>
changed_workspace(const messages::definition_change& wish,
                  const definitions_options& options);

/// @pre the wish's key lives
/// @returns `scope_required` for a scope that the asking key lacks
engine::result<wished_rows> new_key(const messages::definition_change& wish,
                                    const definitions_options& options);

/// @returns `key_not_found`, `last_manage_key` or `last_admin_key`
engine::result<wished_rows> revoked_key(const messages::definition_change& wish,
                                        const definitions_options& options);

/// Null when there is none.
const messages::access_key* key_numbered(const messages::catalog& known,
                                         std::uint32_t number);

/// The channels a workspace begins with, without ids and workspace.
std::vector<persistence::destination_row> first_channels();

} // namespace troupe::actors
