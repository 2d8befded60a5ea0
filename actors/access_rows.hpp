// Wishes about workspaces and their keys.
#pragma once

#include "actors/definitions.hpp"
#include "engine/json_members.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::actors {

using engine::check_members;

inline constexpr std::size_t access_name_max = 100;

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

persistence::key_row key_row_of(const made_key& made, std::string name,
                                engine::key_kind kind, std::uint32_t scopes,
                                const definitions_options& options);

/// A word of the table (engine/access.hpp), `otherwise` when none is given.
template <class Table, class Value>
engine::result<Value> word_member(const boost::json::object& from,
                                  std::string_view name, const Table& words,
                                  Value otherwise) {
  const auto* given = from.if_contains(name);
  if (given == nullptr)
    return otherwise;
  if (given->is_string())
    if (const auto found
        = engine::find_word(words, std::string_view{given->get_string()}))
      return *found;
  std::string known;
  for (const auto& [value, word] : words)
    known += (known.empty() ? "\"" : ", \"") + std::string{word} + "\"";
  return engine::invalid("field_invalid",
                         "`" + std::string{name} + "` is one of " + known,
                         "/" + std::string{name});
}

/// The channels a workspace begins with, without ids and workspace.
std::vector<persistence::destination_row> first_channels();

} // namespace troupe::actors
