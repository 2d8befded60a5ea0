// From a wish in JSON to the rows to store, or to what is wrong with it.
#pragma once

#include "actors/definitions.hpp"

namespace troupe::actors {

engine::result<wished_rows> rows_of(const messages::definition_change& wish,
                                    const definitions_options& options);

/// What the store added: id and version.
void show_stored(const persistence::any_row& stored,
                 boost::json::object& shown);

/// The member, a text of 1 to `max` bytes.
engine::result<std::string> text_member(const boost::json::object& from,
                                        std::string_view name, std::size_t max);

} // namespace troupe::actors
