// The shapes an import's lines may have: Troupe's own, and those of files that
// other products export. A line is read as that product's door reads it.
#pragma once

#include "http/doors/loose_event.hpp"

#include <string_view>

namespace troupe::http {

/// How lines of one product are read, and what it calls an event's parts.
struct import_format {
  std::string_view name;
  engine::result<messages::ingest> (*read)(const api_context& with,
                                           std::string_view text,
                                           const event_setting& as);
  std::string_view name_pointer;
  std::string_view properties_pointer;
};

const import_format& native_format();

/// @returns null when there is none of this name
const import_format* find_import_format(std::string_view name);

} // namespace troupe::http
