// From a wish in JSON to the row to store, or to what is wrong with it.
#pragma once

#include "actors/definitions.hpp"

namespace troupe::actors {

struct wished_row {
  any_row row;
  boost::json::object shown; // without what the store adds
};

engine::result<wished_row> row_of(const messages::definition_change& wish,
                                  const definitions_options& options);

/// What the store added: id and version.
void show_stored(const any_row& stored, boost::json::object& shown);

} // namespace troupe::actors
