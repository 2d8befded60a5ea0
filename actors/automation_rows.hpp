// What of a ready automation is stored beside its sequences.
#pragma once

#include "messages/catalog.hpp"
#include "persistence/definition_rows.hpp"

#include <boost/json/object.hpp>

namespace troupe::actors {

/// @param body of the row
messages::automation_entry automation_of(const persistence::named_row& row,
                                         const boost::json::object& body);

} // namespace troupe::actors
